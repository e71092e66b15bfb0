/** A batch file of stories, each of another prompt, for the model that is named. Answers come to some 140 tokens each. */
export function storyRequests({ model, count }: { model: string; count: number }): string {
  const animals = ["dog", "cat", "frog", "bird", "bear", "fish"];
  const things = ["ball", "tree", "boat", "cake", "hat", "kite", "drum", "box"];
  const lines = Array.from({ length: count }, (_, i) => {
    const animal = animals[i % animals.length]!;
    const thing = things[Math.floor(i / animals.length) % things.length]!;
    const body = {
      model,
      messages: [{ role: "user", content: `Tell me a story about a ${animal} and a ${thing}.` }],
      max_tokens: 144,
      temperature: 0.8,
      seed: i,
    };
    const line = { custom_id: `${animal}-${thing}-${i}`, method: "POST", url: "/v1/chat/completions", body };
    return `${JSON.stringify(line)}\n`;
  });
  return lines.join("");
}
