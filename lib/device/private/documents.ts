import { aws_ssm as ssm, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DEVICE_ENVIRONMENT, DEVICE_ROOT, DEVICE_SOCKET, DEVICE_USER, NODE } from './user-data';

/** A parameter of a document. */
interface Parameter {
  readonly description: string;
  /** What the value may be: no character that a shell knows. Systems Manager checks it before the device sees it. */
  readonly allowedPattern: string;
  readonly default?: string;
}

const OBJECT = '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$';

const PARAMETERS = {
  ModelName: { description: 'Name of a model that the device was given', allowedPattern: '^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$' },
  Input: { description: 'An image (PNG, BMP), a .npy file or raw bytes: the end of the key of an object below the device\'s input prefix', allowedPattern: OBJECT },
  Tensor: { description: 'Name of the model\'s input; nothing for its first one', allowedPattern: '^([a-zA-Z0-9_][a-zA-Z0-9_.:/-]{0,127})?$', default: '' },
  Shape: { description: 'Dimensions that the model leaves open, as 1,3,48,320', allowedPattern: '^([0-9]{1,9}(,[0-9]{1,9}){0,7})?$', default: '' },
  TextKeys: { description: 'For a text recogniser of PaddleOCR\'s kind: an object with its characters, beside the input; the text is printed', allowedPattern: `^$|${OBJECT}`, default: '' },
} as const satisfies Record<string, Parameter>;

type ParameterName = keyof typeof PARAMETERS;

const PREDICTION = ['ModelName', 'Input', 'Tensor', 'Shape', 'TextKeys'] as const;

/** What each document runs, with its parameters as environment variables. */
const DOCUMENTS = {
  LoadModel: {
    description: 'Loads a model of the device into the edge agent', parameters: ['ModelName'],
    commands: [
      `folder=$(${NODE} -p 'JSON.parse(fs.readFileSync("${DEVICE_ROOT}/current/generation.json", "utf8")).models.find(({ name }) => name === process.env.SSM_ModelName)?.folder ?? ""')`,
      'if [ -z "$folder" ]; then echo "the device has no model $SSM_ModelName" >&2; exit 1; fi',
      'client LoadModel "$folder" "$SSM_ModelName"',
    ],
  },
  Predict: { description: 'Runs a model on an input', parameters: PREDICTION, commands: predict('Predict') },
  PredictAndCapture: { description: 'Runs a model on an input, and captures input and output', parameters: PREDICTION, commands: predict('PredictAndCapture') },
} as const satisfies Record<string, { description: string; parameters: readonly ParameterName[]; commands: readonly string[] }>;

/** The documents of a stack: they hold nothing of any one device. */
export type DocumentName = keyof typeof DOCUMENTS;

/** Systems Manager documents that talk to the agent of a simulated device; one set a stack. */
export class DeviceDocuments extends Construct {
  public static getOrCreate(scope: Construct): DeviceDocuments {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.DeviceDocuments';
    return stack.node.tryFindChild(uid) as DeviceDocuments | undefined ?? new DeviceDocuments(stack, uid);
  }

  private readonly documents = new Map<string, ssm.CfnDocument>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const [name, document] of Object.entries(DOCUMENTS)) {
      this.documents.set(name, new ssm.CfnDocument(this, name, {
        documentType: 'Command', documentFormat: 'JSON', updateMethod: 'NewVersion', targetType: '/AWS::EC2::Instance',
        content: {
          schemaVersion: '2.2',
          description: document.description,
          parameters: Object.fromEntries(document.parameters.map((parameter) => [parameter, { type: 'String', interpolationType: 'ENV_VAR', ...PARAMETERS[parameter] }])),
          mainSteps: [{
            action: 'aws:runShellScript', name, precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: { timeoutSeconds: '300', runCommand: [...preamble(document.parameters), ...document.commands] },
          }],
        },
      }));
    }
  }

  /** The name that a command is sent by. */
  public documentName(name: DocumentName): string {
    return this.documents.get(name)?.ref ?? '';
  }
}

function preamble(parameters: readonly ParameterName[]): string[] {
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    // Agents of Systems Manager before 3.3.2746.0 set no variables; the pattern admits nothing that ends a quotation.
    ...parameters.map((name) => `if [ -z "\${SSM_${name}+x}" ]; then export SSM_${name}="{{ ${name} }}"; fi`),
    `set -a; . ${DEVICE_ENVIRONMENT}; set +a`,
    `client() { runuser -u ${DEVICE_USER} -- ${NODE} ${DEVICE_ROOT}/current/agent/agent-client.js -a ${DEVICE_SOCKET} "$@"; }`,
  ];
}

function predict(verb: string): string[] {
  return [
    'folder=$(mktemp -d)',
    'trap \'rm -rf "$folder"\' EXIT',
    'chmod 0755 "$folder"',
    'fetch() { aws s3api get-object --bucket "$EDGE_BUCKET" --key "$EDGE_INPUT_PREFIX$1" "$folder/$1" > /dev/null; chmod 0644 "$folder/$1"; }',
    'fetch "$SSM_Input"',
    'options=()',
    'if [ -n "$SSM_Tensor" ]; then options+=(--input "$SSM_Tensor=$folder/$SSM_Input"); else options+=("$folder/$SSM_Input"); fi',
    'if [ -n "$SSM_Shape" ]; then options+=(--shape "$SSM_Shape"); fi',
    'if [ -n "$SSM_TextKeys" ]; then fetch "$SSM_TextKeys"; options+=(--decode ctc --keys "$folder/$SSM_TextKeys"); fi',
    `client ${verb} "$SSM_ModelName" "\${options[@]}"`,
  ];
}
