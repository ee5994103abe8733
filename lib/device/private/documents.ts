import { aws_ssm as ssm } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deviceScript } from '../../private/assets';
import { inStack } from '../../private/in-stack';

/** A parameter of a document. */
interface Parameter {
  readonly description: string;
  /**
   * The pattern of values. It admits no character that means something to a shell. Systems Manager checks it before the
   * device sees the value.
   */
  readonly allowedPattern: string;
  readonly default?: string;
}

/** A document and the script that it runs. */
interface DocumentSource {
  readonly description: string;
  readonly parameters: readonly ParameterName[];
  /** The name of the script in `agent/scripts/device/documents/`. */
  readonly script: string;
  /** The values of the script's placeholders. */
  readonly values?: Readonly<Record<string, string>>;
}

const OBJECT = '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$';

const PARAMETERS = {
  ModelName: {
    description: 'Name of a model that the device was given',
    allowedPattern: '^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$',
  },
  Input: {
    description: 'An image (PNG, BMP), a .npy file or raw bytes: the end of the key of an object below the device\'s input prefix',
    allowedPattern: OBJECT,
  },
  Tensor: {
    description: 'Name of the model\'s input; nothing for its first one',
    allowedPattern: '^([a-zA-Z0-9_][a-zA-Z0-9_.:/-]{0,127})?$',
    default: '',
  },
  Shape: {
    description: 'Dimensions that the model leaves open, as 1,3,48,320',
    allowedPattern: '^([0-9]{1,9}(,[0-9]{1,9}){0,7})?$',
    default: '',
  },
  TextKeys: {
    description: 'For a text recogniser of PaddleOCR\'s kind: an object with its characters, beside the input; the text is printed',
    allowedPattern: `^$|${OBJECT}`,
    default: '',
  },
} as const satisfies Record<string, Parameter>;

type ParameterName = keyof typeof PARAMETERS;

const PREDICTION = ['ModelName', 'Input', 'Tensor', 'Shape', 'TextKeys'] as const;

/** Each document runs a script. The script gets its parameters as environment variables, and in no other way. */
const DOCUMENTS = {
  LoadModel: { description: 'Loads a model of the device into the edge agent', parameters: ['ModelName'], script: 'load-model.sh' },
  Predict: { description: 'Runs a model on an input', parameters: PREDICTION, script: 'predict.sh', values: { OPERATION: 'Predict' } },
  PredictAndCapture: {
    description: 'Runs a model on an input, and captures input and output',
    parameters: PREDICTION,
    script: 'predict.sh',
    values: { OPERATION: 'PredictAndCapture' },
  },
} as const satisfies Record<string, DocumentSource>;

/** The names of the documents. */
export type DocumentName = keyof typeof DOCUMENTS;

/** The Systems Manager documents that call the agent of a simulated device. A stack has one set, which holds nothing of any one device. */
export class DeviceDocuments extends Construct {
  public static getOrCreate(scope: Construct): DeviceDocuments {
    return inStack(scope, 'cdk-sagemaker-edge.DeviceDocuments', (stack, uid) => new DeviceDocuments(stack, uid));
  }

  private readonly documents = new Map<string, ssm.CfnDocument>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const [name, document] of Object.entries<DocumentSource>(DOCUMENTS)) {
      this.documents.set(name, new ssm.CfnDocument(this, name, {
        documentType: 'Command',
        documentFormat: 'JSON',
        updateMethod: 'NewVersion',
        targetType: '/AWS::EC2::Instance',
        content: {
          schemaVersion: '2.2',
          description: document.description,
          parameters: parameters(document),
          mainSteps: [{
            action: 'aws:runShellScript',
            name,
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: { timeoutSeconds: '300', runCommand: commands(document) },
          }],
        },
      }));
    }
  }

  /** The name of a document, for `aws ssm send-command`. */
  public documentName(name: DocumentName): string {
    return this.documents.get(name)?.ref ?? '';
  }
}

function parameters(document: DocumentSource): Record<string, unknown> {
  const variable = { type: 'String', interpolationType: 'ENV_VAR' };
  return Object.fromEntries(document.parameters.map((name) => [name, { ...variable, ...PARAMETERS[name] }]));
}

/**
 * The lines of a script. The Systems Manager agent sets its variables from version 3.3.2746.0 on. For older agents the
 * script sets them itself. The pattern of a parameter admits no value that ends the quotation.
 */
function commands({ script, values }: DocumentSource): string[] {
  const text = deviceScript(`device/documents/${script}`, { CLIENT_SH: deviceScript('device/documents/client.sh'), ...values });
  return text.trimEnd().split('\n');
}
