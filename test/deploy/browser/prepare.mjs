// Unpacks the browser, and the system libraries that it was built with, into TMPDIR.
import chromium from '@sparticuz/chromium';

chromium.setGraphicsMode = false;
await chromium.executablePath();
