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

/** The end of an object's key. */
export const OBJECT = '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$';
/** A tensor's name. */
export const TENSOR = '[a-zA-Z0-9_][a-zA-Z0-9_.:/-]{0,127}';
/** A number without an exponent. */
export const DECIMAL = '-?[0-9]{1,9}(\\.[0-9]{1,12})?';
/** The most channels of a picture: red, green, blue and opacity. */
export const MAX_CHANNELS = 4;
const DECIMALS = `^(${DECIMAL}(,${DECIMAL}){0,${MAX_CHANNELS - 1}})?$`;

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
    allowedPattern: `^(${TENSOR})?$`,
    default: '',
  },
  Shape: {
    description: 'Dimensions that the model leaves open, as 1,3,48,320',
    allowedPattern: '^([0-9]{1,9}(,[0-9]{1,9}){0,7})?$',
    default: '',
  },
  Mean: {
    description: 'What is taken from a picture\'s values of 0 to 1: one number, or one for each channel, as 0.485,0.456,0.406',
    allowedPattern: DECIMALS,
    default: '',
  },
  Std: {
    description: 'What a picture\'s values are divided by then: one number, or one for each channel',
    allowedPattern: DECIMALS,
    default: '',
  },
  Fit: {
    description: 'How a picture is made to fit the input: stretch, pad or letterbox',
    allowedPattern: '^(stretch|pad|letterbox)?$',
    default: '',
  },
  Decode: {
    description: 'How the outputs are shown: classes, boxes of a YOLO model, or ctc for a text recogniser; nothing for numbers',
    allowedPattern: '^(classes|boxes|ctc)?$',
    default: '',
  },
  Labels: {
    description: 'An object beside the input with the names of the classes, or the characters of a text recogniser, one on each line',
    allowedPattern: `^$|${OBJECT}`,
    default: '',
  },
  Boxes: {
    description: 'How the output lays out its boxes: v5, v8 or end-to-end',
    allowedPattern: '^(v5|v8|end-to-end)?$',
    default: '',
  },
  Score: {
    description: 'The lowest score of a box that is shown, from 0 to 1',
    allowedPattern: '^([0-9](\\.[0-9]{1,12})?)?$',
    default: '',
  },
  Top: {
    description: 'How many classes or boxes are shown',
    allowedPattern: '^([0-9]{1,3})?$',
    default: '',
  },
} as const satisfies Record<string, Parameter>;

/** The name of a parameter of a document. */
export type ParameterName = keyof typeof PARAMETERS;

const PREDICTION = [
  'ModelName', 'Input', 'Tensor', 'Shape', 'Mean', 'Std', 'Fit', 'Decode', 'Labels', 'Boxes', 'Score', 'Top',
] as const;

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
