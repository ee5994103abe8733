/** Custom resource types that lambda/identity serves; CloudFormation allows 60 characters. */
export type ThingTypeMembershipType = 'Custom::SageMakerEdge-ThingTypeMembership';
export type DeviceKeyType = 'Custom::SageMakerEdge-DeviceKey';
export type DeviceCertificateType = 'Custom::SageMakerEdge-DeviceCertificate';
export type CredentialEndpointType = 'Custom::SageMakerEdge-CredentialEndpoint';

/** `AWS::IoT::Thing` has neither a thing type nor more than three attributes. */
export interface ThingTypeMembershipProperties {
  readonly ThingName: string;
  readonly ThingTypeName: string;
  /** All attributes of the thing. */
  readonly Attributes?: Record<string, string>;
}

/** A private key and its signing request, kept in a secret that the stack made empty. */
export interface DeviceKeyProperties {
  readonly SecretArn: string;
  readonly ThingName: string;
}

export interface DeviceKeyData {
  /** PEM, PKCS #10. Public. */
  readonly CertificateSigningRequest: string;
}

/** Hands the issued certificate to the device; its Delete waits until the thing has let go of the certificate. */
export interface DeviceCertificateProperties {
  readonly CertificateArn: string;
  readonly CertificateId: string;
  readonly ThingName: string;
  /** Absent where the device has the key. */
  readonly SecretArn?: string;
}

export interface DeviceCertificateData {
  /** Public. */
  readonly CertificatePem: string;
}

export interface CredentialEndpointProperties {
  readonly EndpointType: 'iot:CredentialProvider' | 'iot:Data-ATS';
}

export interface CredentialEndpointData {
  readonly EndpointAddress: string;
}

/** The JSON in a device's secret: written twice, with the key first, then with the certificate. */
export interface DeviceSecret {
  readonly thingName: string;
  /** PKCS #8, EC P-256. */
  readonly privateKeyPem: string;
  readonly certificateSigningRequest: string;
  readonly certificatePem?: string;
  readonly certificateArn?: string;
  readonly certificateId?: string;
}
