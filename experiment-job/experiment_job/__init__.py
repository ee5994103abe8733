"""Runs a user's script in a processing or training job of SageMaker: with its packages, its data by commit, and its run in MLflow."""
