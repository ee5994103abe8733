/** The folders of the artifact bucket. What is done is found again by its key: the hash of its inputs, and the commit of its data. */
export const FOLDERS = {
  processed: 'processed', trained: 'trained', evaluated: 'evaluated', winner: 'winner', registered: 'registered',
} as const;
/** What a processing job tells the pipeline, in the folder of its stage. This and the next two are patterns of IAM. */
export const RESULTS = '*/result.json';
/** What the pipeline notes of trainings. */
export const RECORDS = `${FOLDERS.trained}/*.json`;
/** Where SageMaker puts the models of trainings. */
export const MODELS = `${FOLDERS.trained}/*/output/model.tar.gz`;
/** The archive of the model that won. */
export const WINNER_KEY = `${FOLDERS.winner}/model.tar.gz`;
/** What the pipeline notes of the last registration. */
export const LAST_REGISTRATION = `${FOLDERS.registered}/last.json`;
