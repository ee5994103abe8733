import { fillPlaceholders } from '../../../lib/private/placeholders';

const fill = (text: string, values?: Record<string, string>): string => fillPlaceholders('setup.sh', text, values);

describe('placeholders', () => {
  test('take their values, wherever they are and as often as they occur', () => {
    expect(fill('cd @ROOT@; ls @ROOT@/@NAME_2@\n', { ROOT: '/var', NAME_2: 'b' })).toBe('cd /var; ls /var/b\n');
  });

  test('that are alone on their line take lines, indented as they are', () => {
    expect(fill("node -e '\n  @PROGRAM@\n'\n", { PROGRAM: 'a();\n\nb();\n' })).toBe("node -e '\n  a();\n\n  b();\n'\n");
  });

  test('that are alone on their line end it, whether their value does or not', () => {
    expect(fill('@A@\n@B@\nend\n', { A: 'x\n', B: 'y' })).toBe('x\ny\nend\n');
  });

  test('take a value as it is: dollars and other placeholders in it mean nothing', () => {
    expect(fill('a=@A@\n@B@\n', { A: '$& $1 ${Token[TOKEN.1]} @B@', B: '$`' })).toBe('a=$& $1 ${Token[TOKEN.1]} @B@\n$`\n');
  });

  test('are upper-case between two signs: nothing else is one', () => {
    const text = 'echo "$@" @thing@ agent@.service ~@privileged @resources "${options[@]}" A@B\n';
    expect(fill(text)).toBe(text);
  });
});

describe('fails when', () => {
  test('a placeholder gets no value', () => {
    expect(() => fill('@REGION@ @BUCKET@', { REGION: 'x' })).toThrow('setup.sh has the placeholder @BUCKET@, which gets no value');
  });

  test('a value has no placeholder', () => {
    expect(() => fill('@REGION@', { REGION: 'x', BUCKET: 'y' })).toThrow('setup.sh has no placeholder @BUCKET@, which gets a value');
  });
});
