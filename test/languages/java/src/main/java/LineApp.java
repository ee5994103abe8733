import io.github.cdksagemakeredge.AgentComponent;
import io.github.cdksagemakeredge.CaptureBucket;
import io.github.cdksagemakeredge.CaptureLifecycle;
import io.github.cdksagemakeredge.CompilationJob;
import io.github.cdksagemakeredge.CompilationTarget;
import io.github.cdksagemakeredge.Framework;
import io.github.cdksagemakeredge.OnnxFrameworkOptions;
import io.github.cdksagemakeredge.GreengrassFleet;
import io.github.cdksagemakeredge.ModelComponent;
import io.github.cdksagemakeredge.ModelInput;
import io.github.cdksagemakeredge.ModelSource;
import io.github.cdksagemakeredge.OnnxModel;
import io.github.cdksagemakeredge.PlatformTargetOptions;
import io.github.cdksagemakeredge.TargetArch;
import io.github.cdksagemakeredge.TargetOs;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;

/** The app of test/languages/app.ts in Java. */
public final class LineApp {
    public static void main(final String[] args) {
        final App app = new App(AppProps.builder().outdir(System.getenv("OUTDIR")).build());
        final Stack stack = new Stack(app, "Line", StackProps.builder().env(Environment.builder().region("eu-west-1").build()).build());

        final ModelSource source = ModelSource.fromAsset(System.getenv("MODEL"));
        final List<ModelInput> inputs = List.of(ModelInput.tensor("x", List.of(1, 3, 48, 192)));
        final OnnxModel model = OnnxModel.Builder.create(stack, "Model")
            .model(source).modelName("orientation").modelVersion("1.0").inputs(inputs).build();
        final CompilationJob compiled = CompilationJob.Builder.create(stack, "Compile")
            .model(source)
            .framework(Framework.onnx(OnnxFrameworkOptions.builder().inputs(inputs).build()))
            .target(CompilationTarget.platform(PlatformTargetOptions.builder().os(TargetOs.LINUX).arch(TargetArch.X86_64).build()))
            .maxRuntime(Duration.minutes(15))
            .tags(Map.of("team", "packing", "cost", "4711", "site", "north", "owner", "Ada", "stage", "test"))
            .build();

        final CaptureBucket captures = CaptureBucket.Builder.create(stack, "Captures")
            .lifecycle(CaptureLifecycle.builder().expiration(Duration.days(90)).build()).build();
        final GreengrassFleet fleet = GreengrassFleet.Builder.create(stack, "Fleet").fleetName("packing-line").captureBucket(captures).build();
        fleet.addDevice("Camera1");
        AgentComponent.Builder.create(stack, "Agent")
            .models(List.of(ModelComponent.Builder.create(stack, "Component").model(model).build()))
            .fleetName("packing-line").captureBucket(fleet.getCaptureBucket()).build();

        CfnOutput.Builder.create(stack, "Artifact").value(compiled.getModelArtifactUri()).build();
        app.synth();
    }
}
