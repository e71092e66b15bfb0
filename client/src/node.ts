export { createFolderState } from "./state/folderState.ts";
