import * as path from 'node:path';

const ASSETS = path.join(__dirname, '..', 'node_modules', '@gutenye', 'ocr-models', 'assets');

/** Real models that a package brings. The recogniser and the classifier take the same input. */
export const RECOGNISER = path.join(ASSETS, 'ch_PP-OCRv4_rec_infer.onnx');
export const DETECTOR = path.join(ASSETS, 'ch_PP-OCRv4_det_infer.onnx');
export const CLASSIFIER = path.join(ASSETS, 'ch_ppocr_mobile_v2.0_cls_infer.onnx');
/** The characters that the recogniser's classes stand for. */
export const KEYS = path.join(ASSETS, 'ppocr_keys_v1.txt');
