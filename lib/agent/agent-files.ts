/** The absolute paths of the files that the agent of a device needs. */
export interface AgentFiles {
  /** The root certificate of the credential endpoint, in PEM: Amazon Root CA 1. */
  readonly rootCertificate: string;

  /** The certificate of the device, in PEM. */
  readonly certificate: string;

  /** The private key of the device, in PEM. */
  readonly privateKey: string;

  /** The folder with the trusted root certificates of model signatures, one `.pem` file for each. The folder must exist. */
  readonly signingRoots: string;

  /** The folder for the agent's own data: captures that wait for their upload, and optimised models. */
  readonly data: string;

  /** The folder for captures that stay on the device. Only `CaptureDestination.DISK` uses it. */
  readonly captures: string;
}
