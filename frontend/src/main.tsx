import { createRoot } from "react-dom/client";
import { m } from "@/messages/gen/messages.js";

const root = document.getElementById("root");
if (root) createRoot(root).render(<h1>{m.app_name()}</h1>);
