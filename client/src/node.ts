export { createLlamaVerifier } from "./check/llamaVerifier.ts";
export { createFolderState } from "./state/folderState.ts";
