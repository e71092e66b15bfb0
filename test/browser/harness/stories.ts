/** A batch file of so many requests, `story-0`, `story-1`, …, for the model that ships; `topic` tells it from others. */
export function stories(count: number, topic = "a cat"): string {
  const lines = Array.from({ length: count }, (_, number) => {
    const body = {
      model: "tinystory-chat-2.8m-q8_0",
      messages: [{ role: "user", content: `Tell me a story about ${topic} and ${number + 2} birds.` }],
      max_tokens: 48,
      seed: number,
    };
    const line = { custom_id: `story-${number}`, method: "POST", url: "/v1/chat/completions", body };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join("");
}
