"""The app of ../app.ts in Python."""

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from cdk_sagemaker_edge import (
    AgentComponent, CaptureBucket, CaptureLifecycle, CompilationJob, CompilationTarget, Framework, GreengrassFleet, ModelComponent,
    ModelInput, ModelSource, OnnxModel, TargetArch, TargetOs,
)

app = App(outdir=os.environ["OUTDIR"])
stack = Stack(app, "Line", env=Environment(region="eu-west-1"))

source = ModelSource.from_asset(os.environ["MODEL"])
inputs = [ModelInput.tensor("x", [1, 3, 48, 192])]
model = OnnxModel(stack, "Model", model=source, model_name="orientation", model_version="1.0", inputs=inputs)
compiled = CompilationJob(
    stack, "Compile", model=source, framework=Framework.onnx(inputs=inputs),
    target=CompilationTarget.platform(os=TargetOs.LINUX, arch=TargetArch.X86_64), max_runtime=Duration.minutes(15),
    tags={"team": "packing", "cost": "4711", "site": "north", "owner": "Ada", "stage": "test"},
)

captures = CaptureBucket(stack, "Captures", lifecycle=CaptureLifecycle(expiration=Duration.days(90)))
fleet = GreengrassFleet(stack, "Fleet", fleet_name="packing-line", capture_bucket=captures)
fleet.add_device("Camera1")
AgentComponent(
    stack, "Agent", models=[ModelComponent(stack, "Component", model=model)], fleet_name="packing-line",
    capture_bucket=fleet.capture_bucket,
)

CfnOutput(stack, "Artifact", value=compiled.model_artifact_uri)
app.synth()
