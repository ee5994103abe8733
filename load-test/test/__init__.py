import load_test  # noqa: F401 - before boto3, as in the containers: Locust makes sockets cooperative
