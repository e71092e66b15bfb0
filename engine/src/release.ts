/** What computes outputs, and the release that package.json pins: it is part of a model's class. */
export const ENGINE_RELEASE = "node-llama-cpp 3.22.1";
