import fc from 'fast-check';
import sharp from 'sharp';
import { decodeBmp } from '../../../agent/client/image/bmp';
import { decodeCtc } from '../../../agent/client/decode/ctc';
import { fromNumbers, toNumbers } from '../../../agent/client/elements';
import { imageKind, resize } from '../../../agent/client/image/image';
import { readNpy, writeNpy } from '../../../agent/client/npy';
import { decodeJpeg } from '../../../agent/client/image/jpeg';
import { decodePng } from '../../../agent/client/image/png';
import { asBmp } from '../support/picture';

/** Pixels that are all different. */
function pattern(channels: 1 | 2 | 3 | 4): sharp.Sharp {
  const data = Buffer.from(Array.from({ length: 7 * 5 * channels }, (_, index) => (index * 37) % 256));
  return sharp(data, { raw: { width: 7, height: 5, channels } });
}

describe('PNG', () => {
  it.each([
    ['RGB', pattern(3).png()],
    ['grey', pattern(1).toColourspace('b-w').png()],
    ['a palette', pattern(3).png({ palette: true, colours: 256, dither: 0 })],
    ['two colours', pattern(1).threshold(128).png({ palette: true, colours: 2 })],
  ])('of %s has the same pixels as sharp reads', async (_, image) => {
    const file = await image.toBuffer();
    const expected = await sharp(file).toColourspace('srgb').removeAlpha().raw().toBuffer();
    const { width, height, data } = decodePng(file);
    expect([width, height]).toEqual([7, 5]);
    expect(Buffer.from(data)).toEqual(expected);
  });

  it('that is transparent lies on white', async () => {
    const { data } = decodePng(await pattern(4).png().toBuffer());
    const expected = await pattern(4).flatten({ background: '#fff' }).raw().toBuffer();
    data.forEach((value, index) => {
      expect(Math.abs(value - (expected[index] ?? 0))).toBeLessThanOrEqual(1);
    });
  });

  it('of sixteen bits is rounded to eight', async () => {
    const { data } = decodePng(await pattern(3).toColourspace('rgb16').png().toBuffer());
    const expected = await pattern(3).raw().toBuffer();
    data.forEach((value, index) => {
      expect(Math.abs(value - (expected[index] ?? 0))).toBeLessThanOrEqual(1);
    });
  });

  it('fails when it is interlaced or cut off', async () => {
    await expect(pattern(3).png({ progressive: true }).toBuffer().then(decodePng)).rejects.toThrow(/without interlacing/);
    expect(() => decodePng(Buffer.from('89504e470d0a1a0a', 'hex'))).toThrow(/no header/);
  });
});

describe('JPEG', () => {
  /** A soft picture: the decoders may differ by rounding and by how they smooth colours. */
  const soft = (channels: 1 | 3): sharp.Sharp => {
    const data = Buffer.from(Array.from({ length: 40 * 24 * channels }, (_, index) => {
      const pixel = Math.floor(index / channels);
      return Math.round(128 + 80 * Math.sin((pixel % 40) / 20 + index % channels) + 2 * Math.floor(pixel / 40));
    }));
    return sharp(data, { raw: { width: 40, height: 24, channels } });
  };

  const turned = (orientation: number): sharp.Sharp => soft(3).withMetadata({ orientation }).jpeg({ quality: 95 });

  it.each<[string, sharp.Sharp]>([
    ['baseline', soft(3).jpeg({ quality: 95 })],
    ['progressive', soft(3).jpeg({ quality: 95, progressive: true })],
    ['of colours at full size', soft(3).jpeg({ quality: 95, chromaSubsampling: '4:4:4' })],
    ['grey', soft(1).toColourspace('b-w').jpeg({ quality: 95 })],
    ['grey and progressive', soft(1).toColourspace('b-w').jpeg({ progressive: true })],
    ['CMYK', soft(3).toColourspace('cmyk').jpeg({ quality: 95 })],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation): [string, sharp.Sharp] => [`turned by EXIF ${orientation}`, turned(orientation)]),
  ])('%s has nearly the same pixels as sharp reads', async (kind, image) => {
    const file = await image.toBuffer();
    const upright = sharp(file).rotate().toColourspace('srgb').removeAlpha().raw();
    const { data: expected, info } = await upright.toBuffer({ resolveWithObject: true });
    const { width, height, data } = decodeJpeg(file);
    expect([width, height, data.length]).toEqual([info.width, info.height, info.width * info.height * 3]);
    const expectedAt = (index: number): number => expected[info.channels === 1 ? Math.floor(index / 3) : index] ?? 0;
    const difference = data.reduce((sum, value, index) => sum + Math.abs(value - expectedAt(index)), 0) / data.length;
    expect(difference).toBeLessThan(kind === 'CMYK' ? 12 : 3); // CMYK to RGB is a matter of profiles
  });

  it('fails, with what is wrong, when it is cut off, damaged or another kind', async () => {
    const file = await soft(3).jpeg().toBuffer();
    expect(() => decodeJpeg(file.subarray(0, file.length - 20))).toThrow('JPEG: the file ends before its pixels do');
    expect(() => decodeJpeg(Buffer.from('ffd8ffe000104a464946ffd9', 'hex'))).toThrow(/^JPEG: /);
    const arithmetic = Buffer.from(file);
    arithmetic[arithmetic.indexOf(Buffer.from('ffc0', 'hex')) + 1] = 0xc9;
    expect(() => decodeJpeg(arithmetic)).toThrow('JPEG: unknown JPEG marker ffc9');
  });

  it('with damaged EXIF is taken as it lies', async () => {
    const file = await soft(3).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const place = file.indexOf('Exif\0\0');
    file.writeUInt32LE(0xfffffff0, place + 10);
    expect([decodeJpeg(file).width, decodeJpeg(file).height]).toEqual([40, 24]);
  });

  it('never ends in anything but a picture or a message, whatever byte is damaged', async () => {
    const file = await soft(3).jpeg().toBuffer();
    fc.assert(fc.property(fc.integer({ min: 2, max: file.length - 1 }), fc.integer({ min: 0, max: 255 }), (place, byte) => {
      const damaged = Buffer.from(file);
      damaged[place] = byte;
      try {
        expect(decodeJpeg(damaged).data.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringMatching(/^JPEG: |^an image of/) as unknown });
      }
    }), { numRuns: 300, seed: 42 });
  });
});

describe('BMP', () => {
  it('has the same pixels as the PNG', async () => {
    const png = await pattern(3).png().toBuffer();
    expect(decodeBmp(await asBmp(png))).toEqual(decodePng(png));
  });

  it('fails when it is cut off or compressed', async () => {
    const file = await asBmp(await pattern(3).png().toBuffer());
    expect(() => decodeBmp(file.subarray(0, 80))).toThrow(/ends before its pixels do/);
    file.writeUInt32LE(1, 30);
    expect(() => decodeBmp(file)).toThrow(/got 24 bits, compression 1/);
  });
});

describe('resizing', () => {
  it('keeps a plain colour, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
      const { data } = resize({ width, height, data: new Uint8Array(width * height * 3).fill(200) }, toWidth, toHeight);
      expect(data.length).toBe(toWidth * toHeight * 3);
      expect(data.every((value) => value === 200)).toBe(true);
    }));
  });

  it('averages when it shrinks', () => {
    const { data } = resize({ width: 2, height: 1, data: Uint8Array.from([0, 0, 0, 200, 100, 50]) }, 1, 1);
    expect([...data]).toEqual([100, 50, 25]);
  });
});

describe('tensors', () => {
  it('.npy gives back what was written', () => {
    for (const type of ['uint8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'] as const) {
      const tensor = { type, shape: [3], data: fromNumbers(type, [1, 2, 100]) };
      expect(readNpy(writeNpy(tensor))).toEqual(tensor);
      expect([...toNumbers(tensor)]).toEqual([1, 2, 100]);
    }
  });

  it('.npy of another order or type fails', () => {
    const file = writeNpy({ type: 'float32', shape: [2, 2], data: Buffer.alloc(16) }).toString('latin1');
    expect(() => readNpy(Buffer.from(file.replace('False', 'True '), 'latin1'))).toThrow(/C order/);
    expect(() => readNpy(Buffer.from(file.replace('<f4', '>f4'), 'latin1'))).toThrow(/little-endian/);
    expect(() => readNpy(Buffer.from(file.slice(0, -1), 'latin1'))).toThrow(/is 16 bytes, got 15/);
  });

  it('half precision takes the nearest number', () => {
    const values = [0, -0, 1, -2, 65504, 65520, 1e9, 6e-8, 6.104e-5, 0.1, 2047.6];
    expect([...toNumbers({ type: 'float16', data: fromNumbers('float16', values) })]).toEqual([0, -0, 1, -2, 65504, Infinity, Infinity, 2 ** -24, 2 ** -14, 0.0999755859375, 2048]);
  });

  it('whole types are rounded and cut to their range', () => {
    expect([...fromNumbers('uint8', [-1, 1.6, 300])]).toEqual([0, 2, 255]);
  });
});

describe('CTC', () => {
  const steps = (...best: number[]): Buffer => fromNumbers('float32', best.flatMap((one) => [0, 1, 2, 3].map((index) => index === one ? 0.7 : 0.1)));

  it('joins repeats, drops blanks, keeps doubles across a blank, and ends the classes with the space', () => {
    const read = decodeCtc({ name: 'y', type: 'float32', shape: [1, 7, 4], data: steps(1, 1, 0, 1, 3, 2, 0) }, 'a\nb\n');
    expect(read).toEqual([{ text: 'aa b', confidence: expect.closeTo(0.7) as unknown }]);
  });

  it('reads each item of a batch for itself', () => {
    const read = decodeCtc({ name: 'y', type: 'float32', shape: [2, 2, 4], data: steps(1, 0, 2, 2) }, 'a\nb\n');
    expect(read.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('fails when the keys are not those of the model', () => {
    expect(() => decodeCtc({ name: 'y', type: 'float32', shape: [1, 1, 4], data: steps(1) }, 'a\n')).toThrow(/4 classes; a blank, 1 keys and a space are 3/);
  });
});

it('the kind of a file is known by its first bytes', () => {
  expect([imageKind(Buffer.from('BM..')), imageKind(Buffer.from('ffd8ffe0', 'hex')), imageKind(Buffer.from('89504e47', 'hex')), imageKind(Buffer.from('BM')), imageKind(Buffer.alloc(8))]).toEqual(['bmp', 'jpeg', 'png', undefined, undefined]);
});
