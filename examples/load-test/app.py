"""A model behind a real-time endpoint, and its load test: app.ts in Python. docs/python.md says how to get the package.

cdk deploy -a 'python examples/load-test/app.py'
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from cdk_sagemaker_edge import (
    EndpointDashboard, EndpointInstanceType, EndpointLoadTest, EndpointModel, EndpointVariantProps, LoadTestScenario, ModelSource,
    RealTimeEndpoint,
)

HERE = Path(__file__).parent

app = App()
stack = Stack(app, "LoadTest")

model = EndpointModel.triton(ModelSource.from_asset(str(HERE.parent / "scikit-learn" / "model.onnx")))
endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[
    EndpointVariantProps(model=model, instance_type=EndpointInstanceType.C5_XLARGE),
])
EndpointDashboard(stack, "Dashboard", endpoint=endpoint, instance_type=EndpointInstanceType.C5_XLARGE)

# SageMaker publishes an endpoint's metrics once a minute. The local cloud does it more often.
minute = int(app.node.try_get_context("metricPeriod") or 60)
load_test = EndpointLoadTest(
    stack, "LoadTest", endpoint=endpoint, scenario=LoadTestScenario.payload(str(HERE / "payload.json")), users=[1, 2, 4, 8, 16],
    settle_time=Duration.seconds(minute), hold_time=Duration.seconds(3 * minute), metric_period=Duration.seconds(minute), workers=1,
    removal_policy=RemovalPolicy.DESTROY,  # the reports go with the stack
)

CfnOutput(stack, "Start", value=load_test.start_command())
CfnOutput(stack, "Wait", description="Its exit code is that of the gate", value=load_test.wait_command())
CfnOutput(stack, "Results", value=load_test.results_bucket.bucket_name)
CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
CfnOutput(stack, "StateMachine", value=load_test.state_machine.state_machine_arn)

app.synth()
