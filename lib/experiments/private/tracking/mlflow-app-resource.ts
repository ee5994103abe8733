import { CfnResource, TagManager, TagType, type ITaggable, type IInspectable, type TreeInspector } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The properties of the resource type, as its schema has them. */
export interface MlflowAppResourceProps {
  readonly name: string;
  readonly roleArn: string;
  readonly artifactStoreUri: string;
  readonly modelRegistrationMode?: 'AutoModelRegistrationEnabled' | 'AutoModelRegistrationDisabled';
  readonly weeklyMaintenanceWindowStart?: string;
}

/** An `AWS::SageMaker::MlflowApp`. The lowest version of aws-cdk-lib that this library admits has no class for it. */
export class MlflowAppResource extends CfnResource implements ITaggable, IInspectable {
  public readonly tags = new TagManager(TagType.STANDARD, 'AWS::SageMaker::MlflowApp', undefined, { tagPropertyName: 'Tags' });
  /** The ARN, which holds an ID that SageMaker chooses. */
  public readonly attrArn: string;

  public constructor(scope: Construct, id: string, private readonly props: MlflowAppResourceProps) {
    super(scope, id, { type: 'AWS::SageMaker::MlflowApp' });
    this.attrArn = this.getAtt('Arn').toString();
  }

  protected override get cfnProperties(): Record<string, unknown> {
    const { artifactStoreUri, modelRegistrationMode, name, roleArn, weeklyMaintenanceWindowStart } = this.props;
    const tags = Object.entries(this.tags.tagValues()).map(([Key, Value]) => ({ Key, Value }));
    return {
      Name: name, RoleArn: roleArn, ArtifactStoreUri: artifactStoreUri, ModelRegistrationMode: modelRegistrationMode,
      WeeklyMaintenanceWindowStart: weeklyMaintenanceWindowStart, Tags: tags.length === 0 ? undefined : tags,
    };
  }

  public inspect(inspector: TreeInspector): void {
    inspector.addAttribute('aws:cdk:cloudformation:type', 'AWS::SageMaker::MlflowApp');
  }
}
