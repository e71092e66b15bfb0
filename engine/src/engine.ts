import type { ClaimedItem, ItemScore, StopReason } from "@millrace/protocol";
import type { ChatRequest } from "./chatRequest.ts";
import type { Hex } from "./hex.ts";
import type { ModelInfo } from "./modelInfo.ts";

export interface ChatResult {
  /**
   * The model's detokenisation of `tokenIds`, cut before the stop string if one ended it, and without the half of a
   * character that the output cap may have left at its end.
   */
  text: string;
  /**
   * What was generated, in order, up to and including the token that completes a stop string.
   * The token by which the model itself ends its turn is not part of it.
   */
  tokenIds: number[];
  /** The rendered prompt, exactly as evaluated. */
  promptTokenIds: number[];
  usage: { promptTokens: number; completionTokens: number };
  /** `length`: the output cap was reached first. */
  finishReason: "stop" | "length";
  /** The stop string of the request that ended the output, if one did. */
  stopString?: string;
  /** What the model said of a few positions: `encodeFingerprint` of @millrace/protocol. */
  fingerprint: Hex;
}

export interface InferOptions {
  signal?: AbortSignal;
  /** A prompt of more tokens than this is `invalid-input`. Default: the context. */
  promptTokensCap?: number;
  /** The output is cut here even if the request asks for more. Default: the context. */
  outputTokensCap?: number;
  /** 32 bytes for the sampler, whatever seed the request names. Default: derived from that, else from the prompt. */
  seed?: Hex;
}

/** The embedding of a text. */
export interface EmbeddingResult {
  /** At unit length, as half floats, little-endian. */
  vector: Hex;
  promptTokens: number;
}

/** What a provider says that a text's embedding is. */
export interface ClaimedEmbedding {
  text: string;
  promptTokensCap: number;
  claimed: EmbeddingResult;
}

export interface EmbeddingScore {
  /** Of the claimed vector and our own; undefined with a mismatch. */
  cosine: number | undefined;
  /** Another number of tokens, or no vector of the model's dimensions. */
  mismatch: "prompt" | "vector" | undefined;
}

export interface EngineStats {
  /** Tokens of the prompts of all finished requests. */
  promptTokens: number;
  /** Tokens generated for all finished requests. */
  completionTokens: number;
  /** Wall time during which at least one request was being computed. */
  busyMs: number;
}

/** Runs chat requests on one model. Any number of them may be in flight; each is computed as soon as a sequence is free. */
export interface Engine extends AsyncDisposable {
  readonly model: ModelInfo;
  /** How many requests are computed at the same time. */
  readonly sequences: number;
  readonly threads: number;
  /** Prompt plus output of one request, at most. */
  readonly contextTokens: number;
  /** As the context was made; `auto` leaves it to llama.cpp. It moves logits a little, within what classes tolerate. */
  readonly flashAttention: "auto" | boolean;
  /** Aggregate decoding speed over all sequences, measured at start. */
  readonly tokensPerSecond: number;
  stats(): EngineStats;
  /**
   * How many tokens the request's prompt is for this model.
   *
   * @throws MillraceError `invalid-input`
   */
  countPromptTokens(request: ChatRequest): number;
  /**
   * @throws MillraceError `invalid-input` if the request cannot be served as it stands, `aborted`,
   *   `engine-closed`, or `engine-failed`
   */
  infer(request: ChatRequest, options?: InferOptions): Promise<ChatResult>;
  /**
   * Judges what another engine made of a request, at the cost of evaluating prompt and output once (teacher forcing).
   * Scores and generations run beside each other on contexts of their own.
   *
   * @throws MillraceError `aborted`, `engine-closed`, or `engine-failed`; never because of what is claimed
   */
  score(item: ClaimedItem, options?: { signal?: AbortSignal }): Promise<ItemScore>;
  /**
   * The fingerprint that this model gives an output, whoever generated it, at the cost of {@link Engine.score}. What is
   * claimed as fingerprint is not looked at. Honest providers take theirs on the way; this tells what a fingerprint that is
   * made afterwards is worth.
   *
   * @throws MillraceError `invalid-input`, `aborted`, `engine-closed`, or `engine-failed`
   */
  fingerprint(item: ClaimedItem, options?: { signal?: AbortSignal }): Promise<Hex>;
  /**
   * The text that an output stands for, so that who has the model need not trust a delivered one.
   *
   * @param request which stop strings there are
   * @throws MillraceError `invalid-input` if the request cannot be served, so has no output
   */
  detokenize(request: unknown, output: { tokenIds: readonly number[]; stopReason: StopReason }): string;
  /**
   * The model's embedding of a text: of the last token, or as the model says that tokens are to be pooled. Texts are
   * embedded one at a time, of at most 2,048 tokens.
   *
   * @throws MillraceError `invalid-input` for a text that is empty or too long, `aborted`, `engine-closed`, or
   *   `engine-failed`
   */
  embed(text: string, options?: Pick<InferOptions, "promptTokensCap" | "signal">): Promise<EmbeddingResult>;
  /**
   * Compares a claimed embedding with our own. There is no sampling in it, so honest ones point the same way but for
   * rounding.
   *
   * @throws MillraceError as {@link Engine.embed}
   */
  scoreEmbedding(item: ClaimedEmbedding, options?: { signal?: AbortSignal }): Promise<EmbeddingScore>;
  /** Refuses what waits, lets what runs finish, then frees the model. Idempotent. */
  close(): Promise<void>;
}
