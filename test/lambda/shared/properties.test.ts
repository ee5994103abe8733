import { asRecord, PropertyReader } from '../../../lambda/shared/properties';

const reader = new PropertyReader({
  Name: 'camera',
  Count: 3,
  Empty: '',
  Zero: '0',
  Half: '1.5',
  Flag: 'true',
  Off: 'false',
  Names: ['a', 2],
  Mixed: ['a', {}],
  Map: { site: 'north', floor: 2 },
  Deep: { Inner: { Name: 'x' } }, Items: [{ Key: 'a' }, { Key: '' }], NoItems: [{}, 'x'], BadMap: { site: {} },
});

test('a text is given as it is, and a number as its text', () => {
  expect([reader.text('Name'), reader.text('Count'), reader.anyText('Empty')]).toEqual(['camera', '3', '']);
});

test.each(['Nothing', 'Empty', 'Names', 'Map'])('fails when %s is wanted as text', (name) => {
  expect(() => reader.text(name)).toThrow(`property ${name} must be text, got `);
});

test('fails when a text that may be empty is absent', () => {
  expect(() => reader.anyText('Nothing')).toThrow('property Nothing must be text, got undefined');
});

test('an optional text that is absent or empty is undefined', () => {
  expect([
    reader.optionalText('Nothing'), reader.optionalText('Empty'), reader.optionalText('Name'),
  ]).toEqual([undefined, undefined, 'camera']);
});

test('fails when an optional text is there and no text', () => {
  expect(() => reader.optionalText('Names')).toThrow('property Names must be text, got ["a",2]');
});

test('a list of texts', () => {
  expect(reader.textList('Names')).toEqual(['a', '2']);
});

test.each(['Nothing', 'Name', 'Mixed'])('fails when %s is wanted as a list of texts', (name) => {
  expect(() => reader.textList(name)).toThrow(`property ${name} must be a list of texts, got `);
});

test('a map of texts, and none where it is absent', () => {
  expect([reader.textMap('Map'), reader.textMap('Nothing')]).toEqual([{ site: 'north', floor: '2' }, {}]);
});

test('fails when a map is none, or has a member that is no text', () => {
  expect(() => reader.textMap('Name')).toThrow('property Name must be a map of texts, got "camera"');
  expect(() => reader.textMap('BadMap')).toThrow('property BadMap.site must be text, got {}');
});

test('a whole number', () => {
  expect([reader.wholeNumber('Count', 1), reader.wholeNumber('Zero', 0)]).toEqual([3, 0]);
});

test.each(['Zero', 'Half', 'Name', 'Empty', 'Nothing'])('fails when %s is wanted as a whole number of at least 1', (name) => {
  expect(() => reader.wholeNumber(name, 1)).toThrow(`property ${name} must be a whole number of at least 1, got `);
});

test('a flag is true where it says so', () => {
  expect([reader.isTrue('Flag'), reader.isTrue('Off'), reader.isTrue('Nothing')]).toEqual([true, false, false]);
});

test('a message names the whole path', () => {
  expect(reader.object('Deep').object('Inner').text('Name')).toBe('x');
  expect(() => reader.object('Deep').object('Inner').text('Size')).toThrow('property Deep.Inner.Size must be text, got undefined');
  expect(() => reader.objects('Items').map((item) => item.text('Key'))).toThrow('property Items[1].Key must be text, got ""');
});

test('fails when an object is wanted and is none', () => {
  expect(() => reader.object('Name')).toThrow('property Name must be an object, got "camera"');
});

test('a list of objects that is absent is empty', () => {
  expect(reader.objects('Nothing')).toEqual([]);
});

test('fails when a list of objects is none', () => {
  expect(() => reader.objects('NoItems')).toThrow('property NoItems must be a list of objects, got [{},"x"]');
});

test('a message quotes the beginning of a long value', () => {
  expect(() => new PropertyReader({ Long: ['x'.repeat(500)] }).text('Long')).toThrow(/got \["x{98}…$/);
});

test.each([[[]], [null], ['x'], [undefined]])('fails when %p is wanted as an object', (value) => {
  expect(() => asRecord(value, 'the event')).toThrow('the event must be an object, got ');
});
