/** Calls the host of the local devices (local/device/server.ts), which runs beside the emulator. */
export async function callDeviceHost(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
  const { LOCAL_DEVICE_HOST: host, LOCAL_CONTROL_TOKEN: token } = process.env;
  if (host === undefined || token === undefined) {
    throw new Error('LOCAL_DEVICE_HOST and LOCAL_CONTROL_TOKEN are not set: the local cloud was started without the host of the devices');
  }
  const response = await fetch(`${host}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  });
  if (!response.ok) {
    throw new Error(`the host of the devices refused ${method} ${path}: ${await response.text()}`);
  }
}
