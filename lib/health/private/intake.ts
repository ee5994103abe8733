import { aws_iam as iam, aws_iot as iot, aws_sqs as sqs, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * The rule has no FROM, so that it is reached by Basic Ingest alone: on its own topic, for which IoT charges no messaging. There `topic()`
 * begins after the name of the rule. A report travels as it came, since one that is no JSON is to be counted, too.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
const SQL = "SELECT topic(2) AS thing, timestamp() AS received, encode(*, 'base64') AS report";
const RECEIVES = 30;

interface HealthIntakeProps {
  /** For which nobody else gets a message that the function has. */
  readonly visibilityTimeout: Duration;
}

/** Takes reports from devices into a queue. */
export class HealthIntake extends Construct {
  public readonly ruleName: string;
  public readonly queue: sqs.Queue;
  public readonly deadLetterQueue: sqs.Queue;

  public constructor(scope: Construct, id: string, { visibilityTimeout }: HealthIntakeProps) {
    super(scope, id);
    const common = { enforceSSL: true, encryption: sqs.QueueEncryption.SQS_MANAGED, retentionPeriod: Duration.days(14) };
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetters', common);
    this.queue = new sqs.Queue(this, 'Queue', {
      ...common, visibilityTimeout, deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVES },
    });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('iot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'cdk-sagemaker-edge: puts reports of devices into a queue',
    });
    const rights = new iam.Policy(this, 'Rights', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn, this.deadLetterQueue.queueArn] }),
      ],
    });
    const action = (queue: sqs.IQueue): iot.CfnTopicRule.ActionProperty => ({
      sqs: { queueUrl: queue.queueUrl, roleArn: role.roleArn, useBase64: false },
    });
    const rule = new iot.CfnTopicRule(this, 'Rule', {
      topicRulePayload: {
        sql: SQL, awsIotSqlVersion: '2016-03-23', actions: [action(this.queue)], errorAction: action(this.deadLetterQueue),
        description: 'cdk-sagemaker-edge: the health of a fleet',
      },
    });
    rule.node.addDependency(rights);
    this.ruleName = rule.ref;
  }
}
