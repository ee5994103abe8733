import { validateText } from '../private/validation';

/** A device, or a family of SageMaker instances, that SageMaker Neo knows by name. */
export class TargetDevice {
  /** AWS Lambda. */
  public static readonly LAMBDA = new TargetDevice('lambda');
  /** Instances ml.m4. */
  public static readonly ML_M4 = new TargetDevice('ml_m4');
  /** Instances ml.m5. */
  public static readonly ML_M5 = new TargetDevice('ml_m5');
  /** Instances ml.m6g. */
  public static readonly ML_M6G = new TargetDevice('ml_m6g');
  /** Instances ml.c4. */
  public static readonly ML_C4 = new TargetDevice('ml_c4');
  /** Instances ml.c5. */
  public static readonly ML_C5 = new TargetDevice('ml_c5');
  /** Instances ml.c6g. */
  public static readonly ML_C6G = new TargetDevice('ml_c6g');
  /** Instances ml.p2. */
  public static readonly ML_P2 = new TargetDevice('ml_p2');
  /** Instances ml.p3. */
  public static readonly ML_P3 = new TargetDevice('ml_p3');
  /** Instances ml.g4dn. */
  public static readonly ML_G4DN = new TargetDevice('ml_g4dn');
  /** Instances ml.inf1 (AWS Inferentia). */
  public static readonly ML_INF1 = new TargetDevice('ml_inf1');
  /** Instances ml.inf2 (AWS Inferentia2). Compilation is available only in US East (Ohio). */
  public static readonly ML_INF2 = new TargetDevice('ml_inf2');
  /** Instances ml.trn1 (AWS Trainium). Compilation is available only in US East (N. Virginia). */
  public static readonly ML_TRN1 = new TargetDevice('ml_trn1');
  /** Amazon Elastic Inference, second generation. */
  public static readonly ML_EIA2 = new TargetDevice('ml_eia2');
  /** NVIDIA Jetson TX1. */
  public static readonly JETSON_TX1 = new TargetDevice('jetson_tx1');
  /** NVIDIA Jetson TX2. */
  public static readonly JETSON_TX2 = new TargetDevice('jetson_tx2');
  /** NVIDIA Jetson Nano. */
  public static readonly JETSON_NANO = new TargetDevice('jetson_nano');
  /** NVIDIA Jetson Xavier. */
  public static readonly JETSON_XAVIER = new TargetDevice('jetson_xavier');
  /** Raspberry Pi 3 Model B+. */
  public static readonly RASP3B = new TargetDevice('rasp3b');
  /** Raspberry Pi 4 Model B. */
  public static readonly RASP4B = new TargetDevice('rasp4b');
  /** NXP i.MX 8QuadMax. */
  public static readonly IMX8QM = new TargetDevice('imx8qm');
  /** NXP i.MX 8M Plus. The device needs TIM-VX (`libtim-vx.so`). */
  public static readonly IMX8MPLUS = new TargetDevice('imx8mplus');
  /** AWS DeepLens. */
  public static readonly DEEPLENS = new TargetDevice('deeplens');
  /** Rockchip RK3399. */
  public static readonly RK3399 = new TargetDevice('rk3399');
  /** Rockchip RK3288. */
  public static readonly RK3288 = new TargetDevice('rk3288');
  /** AISage. */
  public static readonly AISAGE = new TargetDevice('aisage');
  /** SBE-C, an x86 edge computer. */
  public static readonly SBE_C = new TargetDevice('sbe_c');
  /** Qualcomm QCS605. */
  public static readonly QCS605 = new TargetDevice('qcs605');
  /** Qualcomm QCS603. */
  public static readonly QCS603 = new TargetDevice('qcs603');
  /** Texas Instruments Sitara AM57x. */
  public static readonly SITARA_AM57X = new TargetDevice('sitara_am57x');
  /** Texas Instruments Jacinto TDA4VM. */
  public static readonly JACINTO_TDA4VM = new TargetDevice('jacinto_tda4vm');
  /** Ambarella CV2. The model's archive must also hold a `*config.json` and a folder of calibration data. */
  public static readonly AMBA_CV2 = new TargetDevice('amba_cv2');
  /** Ambarella CV22. The model's archive must also hold a `*config.json` and a folder of calibration data. */
  public static readonly AMBA_CV22 = new TargetDevice('amba_cv22');
  /** Ambarella CV25. The model's archive must also hold a `*config.json` and a folder of calibration data. */
  public static readonly AMBA_CV25 = new TargetDevice('amba_cv25');
  /** Windows 10, 32 bits. */
  public static readonly X86_WIN32 = new TargetDevice('x86_win32');
  /** Windows 10, 64 bits. */
  public static readonly X86_WIN64 = new TargetDevice('x86_win64');
  /** CoreML on iOS and macOS, for TensorFlow and PyTorch models. */
  public static readonly COREML = new TargetDevice('coreml');

  /**
   * A device that this library does not list. If it does list it, the same checks apply.
   * @param name the name of the device in the SageMaker API, for example `jetson_xavier`: 1 to 63 small letters, digits and
   *   underscores
   */
  public static of(name: string): TargetDevice {
    validateText(undefined, 'name of a target device', name, {
      min: 1, max: 63, pattern: /^[a-z0-9_]+$/, wanted: 'small letters, digits and underscores, as in the API of SageMaker',
    });
    return new TargetDevice(name);
  }

  private constructor(
    /** The name of the device in the SageMaker API. */
    public readonly deviceName: string,
  ) {}
}
