import theme from "vitepress/theme";

import "./style.css";

// VitePress reads a default export.
export default theme;
