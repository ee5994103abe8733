// The app of ../app.ts in Go.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	edge "github.com/cdk-sagemaker-edge/cdk-sagemaker-edge-go/cdksagemakeredge"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(os.Getenv("OUTDIR"))})
	stack := awscdk.NewStack(app, jsii.String("Line"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("eu-west-1")}})

	source := edge.ModelSource_FromAsset(jsii.String(os.Getenv("MODEL")))
	inputs := &[]edge.ModelInput{edge.ModelInput_Tensor(jsii.String("x"), jsii.Numbers(1, 3, 48, 192))}
	model := edge.NewOnnxModel(stack, jsii.String("Model"), &edge.OnnxModelProps{
		Model: source, ModelName: jsii.String("orientation"), ModelVersion: jsii.String("1.0"), Inputs: inputs,
	})
	compiled := edge.NewCompilationJob(stack, jsii.String("Compile"), &edge.CompilationJobProps{
		Model:      source,
		Framework:  edge.Framework_Onnx(&edge.OnnxFrameworkOptions{Inputs: inputs}),
		Target:     edge.CompilationTarget_Platform(&edge.PlatformTargetOptions{Os: edge.TargetOs_LINUX, Arch: edge.TargetArch_X86_64}),
		MaxRuntime: awscdk.Duration_Minutes(jsii.Number(15)),
		Tags: &map[string]*string{
			"team": jsii.String("packing"), "cost": jsii.String("4711"), "site": jsii.String("north"),
			"owner": jsii.String("Ada"), "stage": jsii.String("test"),
		},
	})

	captures := edge.NewCaptureBucket(stack, jsii.String("Captures"), &edge.CaptureBucketProps{
		Lifecycle: &edge.CaptureLifecycle{Expiration: awscdk.Duration_Days(jsii.Number(90))},
	})
	fleet := edge.NewGreengrassFleet(stack, jsii.String("Fleet"), &edge.GreengrassFleetProps{
		FleetName: jsii.String("packing-line"), CaptureBucket: captures,
	})
	fleet.AddDevice(jsii.String("Camera1"), nil)
	component := edge.NewModelComponent(stack, jsii.String("Component"), &edge.ModelComponentProps{Model: model})
	edge.NewAgentComponent(stack, jsii.String("Agent"), &edge.AgentComponentProps{
		Models: &[]edge.IModelComponent{component}, FleetName: jsii.String("packing-line"), CaptureBucket: fleet.CaptureBucket(),
	})

	awscdk.NewCfnOutput(stack, jsii.String("Artifact"), &awscdk.CfnOutputProps{Value: compiled.ModelArtifactUri()})
	app.Synth(nil)
}
