/** An application of Studio that runs in a space. Those of Studio Classic are not among them: SageMaker makes no new ones. */
export enum StudioAppType {
  /** JupyterLab. */
  JUPYTER_LAB = 'JupyterLab',
  /** Code Editor, based on Code-OSS. */
  CODE_EDITOR = 'CodeEditor',
}
