import { render } from "preact";
import { App } from "./app";

const place = document.querySelector("#console");
if (!place) throw new Error("the page has no #console");
render(<App />, place);
