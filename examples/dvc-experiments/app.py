"""Two trials on versioned data, and the model that wins: app.ts in Python. docs/python.md says how to get the package.

cdk deploy -a 'python examples/dvc-experiments/app.py'
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_codecommit as codecommit
from cdk_sagemaker_edge import (
    CaptureBucket, DeviceRole, DvcStore, EdgeDevice, EndpointInstanceType, EndpointModel, EndpointVariantProps, ExperimentContainer,
    ExperimentEvaluation, ExperimentObjective, ExperimentPipeline, ExperimentProcessing, ExperimentRegistration, ExperimentTracking,
    ExperimentTraining, ExperimentTrial, GitRepository, OnnxModel, RealTimeEndpoint, RoleAlias, SimulatedDevice,
)

SCRIPTS = str(Path(__file__).parent / "scripts")
# A folder of its own: a change there is no new training.
REGISTRATION = str(Path(__file__).parent / "registration")
# As train.py names the folder of Triton's repository.
MODEL_NAME = "houses"
# PyTorch's container has the newest Python of AWS's; the scripts need no PyTorch.
CONTAINER = ExperimentContainer.PYTORCH_2_8_CPU

app = App()
stack = Stack(app, "DvcExperiments")
repository = codecommit.Repository(stack, "Repository", repository_name="sagemaker-dvc-sample")
store = DvcStore(stack, "Store", repository=GitRepository.from_code_commit(repository), removal_policy=RemovalPolicy.DESTROY)
tracking = ExperimentTracking(stack, "Tracking", removal_policy=RemovalPolicy.DESTROY)
pipeline = ExperimentPipeline(
    stack, "Houses", store=store, tracking=tracking,
    processing=ExperimentProcessing(
        folder=SCRIPTS, entry_point="prepare.py", outputs=["data/train", "data/validation", "data/test"], container=CONTAINER,
    ),
    training=ExperimentTraining(
        folder=SCRIPTS, entry_point="train.py", metrics={"AE-at-50th-percentile": "AE-at-50th-percentile: ([0-9.]+)"}, container=CONTAINER,
    ),
    evaluation=ExperimentEvaluation(
        folder=SCRIPTS, entry_point="evaluate.py", metrics={"test-median-error": "test-median-error: ([0-9.]+)"}, container=CONTAINER,
    ),
    registration=ExperimentRegistration(
        folder=REGISTRATION, entry_point="register.py", script_arguments={"model-name": MODEL_NAME}, container=CONTAINER,
    ),
    objective=ExperimentObjective.minimize("test-median-error"),
    trials=[
        ExperimentTrial(
            trial_name="single-file", branch="dvc-trial-single-file",
            processing_arguments={"train-test-split-ratio": "0.2"}, hyperparameters={"learning-rate": "0.1", "depth": "3"},
        ),
        ExperimentTrial(
            trial_name="multi-files", branch="dvc-trial-multi-files",
            processing_arguments={"train-test-split-ratio": "0.1", "files": "2"}, hyperparameters={"learning-rate": "0.1", "depth": "3"},
        ),
    ],
    removal_policy=RemovalPolicy.DESTROY,
)

CfnOutput(stack, "Setup", value="\n".join(store.setup_commands()))
CfnOutput(stack, "RepositoryUrl", value=store.repository_url)
CfnOutput(stack, "Start", value=pipeline.start_command())
CfnOutput(stack, "StateMachine", value=pipeline.state_machine.state_machine_arn)
CfnOutput(stack, "TrackingUri", value=tracking.tracking_uri)


def deliver(winner: str) -> None:
    """Serves a version of the winner, and takes it to a device."""
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[EndpointVariantProps(
        model=EndpointModel.triton_repository(pipeline.winner_model(object_version=winner), model_name=MODEL_NAME),
        instance_type=EndpointInstanceType.M5_LARGE,
    )])
    model = OnnxModel.from_bucket(
        stack, "OnDevices", bucket=pipeline.artifact_bucket, key=pipeline.winner_key, object_version=winner,
        model_name=MODEL_NAME, model_version="1.0",
    )
    capture_bucket = CaptureBucket(stack, "Captures", removal_policy=RemovalPolicy.DESTROY)
    role_alias = RoleAlias(stack, "RoleAlias", role=DeviceRole(stack, "DeviceRole", capture_bucket=capture_bucket))
    device = EdgeDevice(stack, "Valuer1", fleet_name="valuers", role_alias=role_alias, capture_bucket=capture_bucket)
    device.add_certificate()
    SimulatedDevice(stack, "Simulated", device=device, models=[model])
    CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)


# -c winner=<objectVersion>: the version of the winner, which the output of an execution names.
object_version = app.node.try_get_context("winner")
if object_version is not None:
    deliver(object_version)

app.synth()
