import { Token } from 'aws-cdk-lib';
import type { IDeployableModel } from '../model/deployable-model';
import { EDGE_VERSION, ENTITY_NAME, validateText, ValidationError } from '../private/validation';
import { OnnxModel } from '../model/onnx-model';
import { baselineId, countsOf } from '../model/private/drift-baseline';
import type { KnownBaseline } from './private/contract';

/** A model of a fleet, with the versions that devices may report. */
export class MonitoredModel {
  /**
   * A model that is delivered to the fleet.
   *
   * @param earlierVersions versions that some devices may still have. Their reports are rejected otherwise
   */
  public static fromModel(model: IDeployableModel, ...earlierVersions: string[]): MonitoredModel {
    return new MonitoredModel(model.modelName, [model.modelVersion, ...earlierVersions], baselineOf(model));
  }

  /** A model by its name and its versions. */
  public static fromName(modelName: string, ...modelVersions: string[]): MonitoredModel {
    return new MonitoredModel(modelName, modelVersions);
  }

  private constructor(
    /** The name of the model. */
    public readonly modelName: string,
    /** The versions, the newest first. */
    public readonly modelVersions: string[],
    /** Of the newest version.
     * @internal */
    public readonly _baseline?: KnownBaseline,
  ) {
    validateText(undefined, 'modelName', modelName, ENTITY_NAME);
    if (modelVersions.length === 0) {
      throw new ValidationError(undefined, `model '${modelName}' must have at least one version, got none`);
    }
    for (const version of modelVersions) {
      validateText(undefined, `a version of model '${modelName}'`, version, EDGE_VERSION);
    }
    const known = modelVersions.filter((version) => !Token.isUnresolved(version));
    const twice = known.find((version, index) => known.indexOf(version) !== index);
    if (twice !== undefined) {
      throw new ValidationError(undefined, `the versions of model '${modelName}' must be different, got '${twice}' twice`);
    }
  }
}

/** A model of a bucket or of an import has one that nobody knows at synth. */
function baselineOf(model: IDeployableModel): KnownBaseline | undefined {
  const baseline = model instanceof OnnxModel ? model._driftBaseline : undefined;
  return baseline && { id: baselineId(baseline), counts: countsOf(baseline) };
}
