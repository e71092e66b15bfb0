const nouns = [
  "dog",
  "cat",
  "frog",
  "bird",
  "cake",
  "ball",
  "tree",
  "fish",
  "bear",
  "rabbit",
  "duck",
  "train",
];
const names = ["Mia", "Tim", "Lily", "Ben", "Sara", "Tom", "Anna", "Max"];

/** The body of the request with this number: stories of up to 120 tokens, every one sampled from another seed. */
export function requestBody(number: number) {
  const content = `Write a story about ${names[number % names.length]} and a ${nouns[number % nouns.length]}.`;
  return {
    model: "any",
    messages: [{ role: "user" as const, content }],
    max_tokens: 120,
    temperature: 0.7,
    seed: number,
  };
}

/** A batch file of so many requests. */
export function batchFile(itemCount: number): string {
  return Array.from({ length: itemCount }, (_, number) =>
    JSON.stringify({
      custom_id: `request-${number}`,
      method: "POST",
      url: "/v1/chat/completions",
      body: requestBody(number),
    }),
  ).join("\n");
}
