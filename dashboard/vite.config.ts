import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    // What the browsers of the last two years run; wallets need nothing older.
    target: "es2023",
    // Said by `npm run build` of the dashboard's own test, not on every start.
    chunkSizeWarningLimit: 1_500,
  },
});
