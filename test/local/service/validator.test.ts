import { ServiceError } from '../../../local/service/errors';
import type { Shapes } from '../../../local/service/model';
import { regularExpression, Schema } from '../../../local/service/validator';

const SHAPES: Shapes = {
  Request: {
    type: 'structure', required: ['name'],
    members: {
      name: { shape: 'Name' },
      note: { shape: 'Text' },
      count: { shape: 'Count' },
      ratio: { shape: 'Ratio' },
      kind: { shape: 'Kind' },
      isOn: { shape: 'Switch' },
      since: { shape: 'Time' }, data: { shape: 'Data' }, items: { shape: 'Items' }, tags: { shape: 'Tags' }, choice: { shape: 'Choice' },
    },
  },
  Name: { type: 'string', min: 2, max: 4, pattern: '[a-z]+' },
  Text: { type: 'string', pattern: String.raw`^[\p{L}]*$` },
  Count: { type: 'integer', min: 1, max: 9 },
  Ratio: { type: 'double', min: 0, max: 1 },
  Kind: { type: 'string', enum: ['A', 'B'] },
  Switch: { type: 'boolean' },
  Time: { type: 'timestamp' },
  Data: { type: 'blob' },
  Items: { type: 'list', member: { shape: 'Name' }, min: 1, max: 2 },
  Tags: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Count' }, max: 1 },
  Choice: { type: 'structure', members: { left: { shape: 'Count' }, right: { shape: 'Count' } }, oneOf: [['left', 'right']] },
};
const schema = new Schema(SHAPES, 'Request', (message) => new ServiceError('ValidationException', message));

function refusal(change: object): unknown {
  try {
    return schema.validated({ name: 'abc', ...change });
  } catch (error) {
    return error;
  }
}

const broken = (value: string, at: string, constraint: string): string => `1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: Member must ${constraint}`;

test.each<[string, object, string]>([
  ['a required member that lacks', { name: undefined }, broken('null', 'name', 'not be null')],
  ['a text that is too short', { name: 'a' }, broken("'a'", 'name', 'have length greater than or equal to 2')],
  ['a text that is too long', { name: 'abcde' }, broken("'abcde'", 'name', 'have length less than or equal to 4')],
  ['a text of other characters', { name: 'a1' }, broken("'a1'", 'name', 'satisfy regular expression pattern: [a-z]+')],
  ['a text of which a part alone fits', { name: 'a\nb' }, broken("'a\nb'", 'name', 'satisfy regular expression pattern: [a-z]+')],
  [
    'a text that a pattern of Unicode classes does not have',
    { note: '1' },
    broken("'1'", 'note', String.raw`satisfy regular expression pattern: ^[\p{L}]*$`),
  ],
  ['a number that is too small', { count: 0 }, broken("'0'", 'count', 'have value greater than or equal to 1')],
  ['a number that is too great', { ratio: 1.5 }, broken("'1.5'", 'ratio', 'have value less than or equal to 1')],
  ['a value that the enumeration does not have', { kind: 'C' }, broken("'C'", 'kind', 'satisfy enum value set: [A, B]')],
  ['a list that is too short', { items: [] }, broken("'[]'", 'items', 'have length greater than or equal to 1')],
  [
    'a list that is too long',
    { items: ['ab', 'ab', 'ab'] },
    broken('\'["ab","ab","ab"]\'', 'items', 'have length less than or equal to 2'),
  ],
  [
    'a list with a member that breaks a rule',
    { items: ['ab', 'x'] },
    broken("'x'", 'items.2.member', 'have length greater than or equal to 2'),
  ],
  ['a list with nothing in it', { items: [null] }, broken('null', 'items.1.member', 'not be null')],
  ['a map that is too large', { tags: { ab: 1, cd: 2 } }, broken('\'{"ab":1,"cd":2}\'', 'tags', 'have length less than or equal to 1')],
  ['a map with a key that breaks a rule', { tags: { a: 1 } }, broken("'a'", 'tags.a.key', 'have length greater than or equal to 2')],
  ['a map with a value that breaks a rule', { tags: { ab: 0 } }, broken("'0'", 'tags.ab.member', 'have value greater than or equal to 1')],
  ['two of a choice', { choice: { left: 1, right: 1 } }, 'Exactly one of left and right must be given in choice, got left and right'],
  ['none of a choice', { choice: {} }, 'Exactly one of left and right must be given in choice, got none'],
  ['a member that nobody knows', { choice: { Middle: 1 } }, "Unknown member 'choice.middle', must be one of: left, right (the local stand-in is strict: AWS ignores unknown members)"],
])('%s is a ValidationException', (_, change, message) => {
  expect(refusal(change)).toMatchObject({ name: 'ValidationException', status: 400, message });
});

test.each<[string, object, string]>([
  ['a number for a text', { name: 1 }, "NUMBER_VALUE can not be converted to a String at 'name'"],
  ['a text for a whole number', { count: '1' }, "STRING_VALUE can not be converted to an Integer at 'count'"],
  ['a part of a whole number', { count: 1.5 }, "NUMBER_VALUE can not be converted to an Integer at 'count'"],
  ['a text for a number', { ratio: '1' }, "STRING_VALUE can not be converted to a Double at 'ratio'"],
  ['a text for a truth value', { isOn: 'true' }, "STRING_VALUE can not be converted to a Boolean at 'isOn'"],
  ['a text for a time', { since: '2026-01-01' }, "STRING_VALUE can not be converted to a Timestamp at 'since'"],
  ['a number for bytes', { data: 1 }, "NUMBER_VALUE can not be converted to a Blob at 'data'"],
  ['a structure for a list', { items: {} }, "STRUCTURE_VALUE can not be converted to a List at 'items'"],
  ['a list for a map', { tags: [] }, "LIST_VALUE can not be converted to a Map at 'tags'"],
  ['a list for a structure', { choice: [] }, "LIST_VALUE can not be converted to a Structure at 'choice'"],
])('%s is a SerializationException', (_, change, message) => {
  expect(refusal(change)).toMatchObject({ name: 'SerializationException', status: 400, message });
});

test('what follows every rule comes back as it is', () => {
  const given = {
    name: 'abc',
    note: 'é',
    count: 9,
    ratio: 0.5,
    kind: 'A',
    isOn: false,
    since: 1.5,
    data: 'YQ==',
    items: ['ab'],
    tags: { ab: 1 },
    choice: { left: 1 },
  };
  expect(schema.validated(given)).toBe(given);
});

test('times and bytes may be the SDK\'s', () => {
  expect(() => schema.validated({ name: 'abc', since: new Date(), data: new Uint8Array(1) })).not.toThrow();
});

test('all constraints that are broken are told at once', () => {
  expect(refusal({ count: 0, ratio: 2 })).toMatchObject({
    message: expect.stringMatching(/^2 validation errors detected: Value '0' at 'count' .*; Value '2' at 'ratio' /) as string,
  });
});

test('a shape that the model lacks, or of a type that is not known here, is an error of ours', () => {
  const refuse = (message: string): ServiceError => new ServiceError('ValidationException', message);
  expect(() => new Schema({}, 'Gone', refuse).validated({})).toThrow('the model has no shape Gone');
  expect(() => new Schema({ Odd: { type: 'bigDecimal' } }, 'Odd', refuse).validated({})).toThrow(
    'Odd is of the type bigDecimal, which is not known here',
  );
});

test('a pattern with a class of Java\'s own is read as Java reads it', () => {
  const visible = regularExpression(String.raw`[\p{Graph}\x20]*`);
  expect(['a ~!', 'é', 'a\tb'].map((value) => visible.test(value))).toEqual([true, false, false]);
  const region = regularExpression(String.raw`[\p{Alnum}\-]+`);
  expect(['eu-west-1', 'é', 'eu west'].map((value) => region.test(value))).toEqual([true, false, false]);
});
