import { aws_iam as iam, aws_sns as sns, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FleetAlarms, FleetDashboard, FleetHealth, type HealthReporting, type IDeployableModel, MonitoredModel } from '../lib';
import type { SampleConfig } from './sample-config';

interface SampleHealthProps {
  readonly config: SampleConfig;
  readonly model: IDeployableModel;
  /** That the devices assume. */
  readonly deviceRole?: iam.IRole;
}

/** Seconds: what `FleetHealth` takes at most. */
const LONGEST_SILENCE = 7 * 86_400;

/** How the fleet of the sample is: metrics, alarms, a topic that they tell, and a dashboard. */
export class SampleHealth extends Construct {
  public readonly reporting: HealthReporting;
  public readonly topicArn: string;
  public readonly dashboardName: string;

  public constructor(scope: Construct, id: string, { config, model, deviceRole }: SampleHealthProps) {
    super(scope, id);
    const { fleetName, reportSeconds } = config;
    const health = new FleetHealth(this, 'Fleet', {
      fleetName,
      models: [MonitoredModel.fromModel(model)],
      deviceRole,
      reportPeriod: Duration.seconds(reportSeconds),
      silentAfter: Duration.seconds(Math.min(12 * reportSeconds, LONGEST_SILENCE)),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.reporting = health.reporting();
    const topic = new sns.Topic(this, 'Topic', { enforceSSL: true });
    // A topic with a policy of its own lacks the right that alarms of the account have by default.
    topic.grantPublish(new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    }));
    this.topicArn = topic.topicArn;
    new FleetAlarms(this, 'Alarms', { health, topic, latencyP99Millis: 500 });
    this.dashboardName = new FleetDashboard(this, 'Dashboard', { health }).dashboard.dashboardName;
  }
}
