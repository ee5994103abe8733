// Opens a page in a browser and prints, as JSON, what it is once its scripts have run. It runs in the folder that test/deploy/browser.ts
// makes.
import puppeteer from 'puppeteer-core';

const { executablePath, url, hosts } = JSON.parse(process.argv[2]);
const browser = await puppeteer.launch({
  executablePath,
  headless: 'shell',
  protocolTimeout: 120_000,
  args: ['--no-sandbox', '--disable-gpu', '--no-zygote', `--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')}`],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 1760 });
  const answers = [];
  page.on('response', (answer) => answers.push({ url: answer.url(), method: answer.request().method(), status: answer.status() }));
  const complaints = [];
  page.on('console', (message) => ['error', 'warn'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', ({ message }) => complaints.push(message));
  const response = await page.goto(url, { waitUntil: 'networkidle0', timeout: 60_000 });
  const { text, canvases, pictures } = await page.evaluate(() => ({
    text: document.body.innerText,
    canvases: [...document.querySelectorAll('canvas')].map((canvas) => (
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))),
    pictures: [...document.images].map(({ naturalWidth }) => naturalWidth),
  }));
  console.log(JSON.stringify({ status: response?.status(), answers, text, canvases, pictures, complaints }));
} finally {
  await browser.close();
}
