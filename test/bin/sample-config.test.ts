import { App } from 'aws-cdk-lib';
import { readSampleConfig } from '../../bin/sample-config';

const read = (context: Record<string, unknown> = {}) => readSampleConfig(new App({ context }));

describe('the context of the sample app', () => {
  test('without any value is the delivery that works on AWS, with the text recogniser and two devices that report', () => {
    expect(read()).toMatchObject({
      delivery: 'direct', modelName: 'text-recogniser', modelVersion: '1.0', target: 'LINUX/X86_64',
      fleetName: 'demo-device-fleet', deviceCount: 2, health: true, reportSeconds: 300,
      inputShapes: [{ name: 'x', shape: [1, 3, 48, 320] }],
    });
  });

  test('takes several inputs, and names with a colon as TensorFlow writes them', () => {
    expect(read({ inputShapes: 'input:0:1,128,128,3 state:2,1,128' }).inputShapes).toEqual([
      { name: 'input:0', shape: [1, 128, 128, 3] }, { name: 'state', shape: [2, 1, 128] },
    ]);
  });

  test('leaves the shapes to the file of a model that is given', () => {
    expect(read({ model: __filename }).inputShapes).toBeUndefined();
    expect(read({ model: __filename, inputShapes: 'x:1' }).inputShapes).toEqual([{ name: 'x', shape: [1] }]);
  });

  test('has a drift baseline for the text recogniser alone: a model that is given brings its own', () => {
    expect(read().driftBaseline).toMatch(/text-recogniser-baseline\.json$/);
    expect(read({ model: __filename }).driftBaseline).toBeUndefined();
  });

  test('takes a number from cdk.json as well as a text from the command line', () => {
    expect(read({ deviceCount: 3 }).deviceCount).toBe(3);
    expect(read({ deviceCount: '4' }).deviceCount).toBe(4);
  });

  test('may have more devices where these do not report', () => {
    expect(read({ deviceCount: 50, health: 'off' })).toMatchObject({ deviceCount: 50, health: false });
  });

  test.each([
    ['delivery', 'pigeon', /delivery must be one of direct, edge-manager, greengrass, got 'pigeon'/],
    ['deviceCount', '0', /deviceCount must be a whole number from 1 to 45, got '0'/],
    ['deviceCount', 'many', /deviceCount must be a whole number from 1 to 45, got 'many'/],
    ['health', 'perhaps', /health must be on or off, got 'perhaps': give it as -c health=off/],
    ['reportSeconds', '4', /reportSeconds must be a whole number from 5 to 86400, got '4'/],
    ['inputShapes', 'x:1,0,3', /inputShapes must be name:d1,d2,… with positive whole numbers.*got 'x:1,0,3'/],
    ['inputShapes', '1,3,48,320', /inputShapes must be name:d1,d2/],
    ['model', 'no/such/file.onnx', /model names no file or folder: got 'no\/such\/file.onnx'/],
    ['modelName', ['a', 'b'], /modelName must be text, got \["a","b"\]/],
  ])('fails when %s is %j', (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(message);
  });
});
