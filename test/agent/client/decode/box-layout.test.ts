import { arrange, type BoxArrangement, type BoxHints } from '../../../../agent/client/decode/box-layout';

const COCO = { classes: 80 };

it.each<[string, readonly number[], BoxHints, boolean, BoxArrangement]>([
  ['YOLOv5 of COCO', [1, 25200, 85], {}, false, { layout: 'v5', columnsFirst: false, columns: 85, boxes: 25200 }],
  ['YOLOv8 of COCO', [1, 84, 8400], {}, false, { layout: 'v8', columnsFirst: true, columns: 84, boxes: 8400 }],
  ['YOLOv8 of COCO, turned', [1, 8400, 84], COCO, false, { layout: 'v8', columnsFirst: false, columns: 84, boxes: 8400 }],
  ['YOLOv8 of one class', [1, 5, 8400], {}, false, { layout: 'v8', columnsFirst: true, columns: 5, boxes: 8400 }],
  ['YOLOv10', [1, 300, 6], {}, true, { layout: 'end-to-end', columnsFirst: false, columns: 6, boxes: 300 }],
  ['YOLOv10 with labels', [1, 300, 6], COCO, true, { layout: 'end-to-end', columnsFirst: false, columns: 6, boxes: 300 }],
  ['YOLOv5 of one class', [1, 25200, 6], {}, false, { layout: 'v5', columnsFirst: false, columns: 6, boxes: 25200 }],
  ['few boxes with labels', [1, 7, 4], { classes: 3 }, false, { layout: 'v8', columnsFirst: true, columns: 7, boxes: 4 }],
  ['few boxes without labels', [1, 3, 7], {}, false, { layout: 'v5', columnsFirst: false, columns: 7, boxes: 3 }],
  ['a layout that is given', [1, 300, 6], { layout: 'v8' }, true, { layout: 'v8', columnsFirst: false, columns: 6, boxes: 300 }],
  ['a layout that is given, whatever the values', [1, 300, 6], { layout: 'end-to-end' }, false, { layout: 'end-to-end', columnsFirst: false, columns: 6, boxes: 300 }],
])('knows %s', (_, shape, hints, isEndToEnd, expected) => {
  expect(arrange(shape, hints, () => isEndToEnd)).toEqual(expected);
});

it.each<[string, readonly number[], BoxHints, string]>([
  ['no layout has the shape', [1, 3, 4], {}, '--decode boxes: wanted [items, boxes, 5 + classes] (v5) or [items, 4 + classes, boxes] (v8) or [items, boxes, 6] (end-to-end), got [1, 3, 4]'],
  ['the layout that is given has another shape', [1, 84, 8400], { layout: 'end-to-end' }, '--decode boxes: wanted [items, boxes, 6] (end-to-end), got [1, 84, 8400]'],
  ['the labels are of another model', [1, 84, 8400], { layout: 'v8', classes: 3 }, '--decode boxes: wanted [items, 7, boxes] (v8) of 3 labels, got [1, 84, 8400]'],
])('fails when %s', (_, shape, hints, message) => {
  expect(() => arrange(shape, hints, () => false)).toThrow(message);
});
