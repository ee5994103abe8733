// A page of somebody else, in a browser: it asks the addresses in #addresses in each way that a page may use without permission, and writes
// down what it could read.
(async () => {
  const tell = (line) => document.body.append(line);
  const load = (name, src) => new Promise((resolve) => {
    const element = document.createElement(name);
    element.onload = resolve;
    element.onerror = resolve;
    element.src = src;
    document.body.append(element);
  });
  const read = async (address, options) => {
    try {
      return await (await fetch(address, options)).text();
    } catch {
      return ''; // the browser keeps the answer from the page
    }
  };

  const addresses = JSON.parse(document.getElementById('addresses').textContent);
  for (const address of addresses) {
    for (const options of [{}, { credentials: 'include' }, { method: 'POST', mode: 'no-cors', body: '{}' }]) {
      const text = await read(address, options);
      if (text !== '') {
        tell(`read of ${address}: ${text}`);
      }
    }
    for (const name of ['img', 'script', 'iframe']) {
      await load(name, address);
    }
    if ([...document.querySelectorAll('iframe')].some(({ contentDocument }) => contentDocument !== null)) {
      tell(`looked into ${address}`);
    }
    document.querySelectorAll('iframe').forEach((frame) => frame.remove());
  }
  tell(`asked ${addresses.length}`);
})();
