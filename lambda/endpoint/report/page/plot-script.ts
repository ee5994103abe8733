import uPlotScript from 'uplot/dist/uPlot.iife.min.js';

/**
 * uPlot, as a page runs it. It asks the browser for its language, and draws nothing where that is none: Chromium 143 names it `en-US@posix`
 * where LANG is C.UTF-8. The pages are in English.
 */
export const PLOT_SCRIPT = `try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
${uPlotScript}`;
