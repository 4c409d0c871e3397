import { URL, fileURLToPath } from "node:url";

import { defineConfig } from "vitepress";

import { githubSlug, linkFiles } from "../links.mjs";
import {
  REFERENCE,
  checkAllListed,
  hasChinese,
  isPage,
  linkOf,
  pageOf,
  sidebar,
} from "../pages.mjs";
import { BASE, REPOSITORY_URL, description } from "../repository.mjs";
import { oneSearchIndex, search } from "../search.mjs";

checkAllListed();

/** A plugin for Vite: pages are Vue components, and find Vue in this folder, not beside themselves. */
const vueOfSite = {
  name: "vue-of-site",
  enforce: "pre",
  resolveId(id, importer) {
    const isOfPage = /^vue(\/|$)/.test(id) && importer?.endsWith(".md");
    return isOfPage ? this.resolve(id, fileURLToPath(import.meta.url), { skipSelf: true }) : null;
  },
};

const ENGLISH = {
  nav: [
    { text: "Get started", link: linkOf("docs/get-started.md") },
    { text: "API reference", link: "/api/" },
  ],
  sidebar: sidebar("en"),
  editLink: { pattern: `${REPOSITORY_URL}/edit/main/:path`, text: "Edit this page" },
};

const CHINESE = {
  nav: [
    { text: "概览", link: "/zh/" },
    { text: "API 参考", link: "/api/" },
  ],
  sidebar: sidebar("zh"),
  outline: { level: [2, 3], label: "本页目录" },
  docFooter: { prev: "上一页", next: "下一页" },
  editLink: { pattern: `${REPOSITORY_URL}/edit/main/:path`, text: "编辑本页" },
  langMenuLabel: "语言",
  returnToTopLabel: "回到顶部",
  sidebarMenuLabel: "菜单",
  skipToContentLabel: "跳到正文",
  darkModeSwitchLabel: "外观",
  lightModeSwitchTitle: "浅色",
  darkModeSwitchTitle: "深色",
};

// VitePress reads a default export.
export default defineConfig({
  title: "pulumi-cds-redis",
  description,
  base: BASE,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${BASE}icon.svg` }]],
  // The pages are the repository's own files: nothing is copied.
  srcDir: "..",
  srcExclude: ["!(docs|site)/**/*", "AGENTS.md", "site/!(api)/**"],
  outDir: "dist",
  rewrites: (file) => (isPage(file) ? pageOf(file) : file),
  locales: {
    root: { label: "English", lang: "en", themeConfig: ENGLISH },
    ...(hasChinese && {
      zh: { label: "简体中文", lang: "zh-CN", link: "/zh/", themeConfig: CHINESE },
    }),
  },
  themeConfig: {
    search,
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: REPOSITORY_URL }],
    // Only the start page is there in both languages.
    i18nRouting: false,
  },
  markdown: {
    anchor: { slugify: githubSlug },
    config: linkFiles,
  },
  transformPageData: ({ filePath }) =>
    filePath.startsWith(REFERENCE)
      ? { frontmatter: { pageClass: "reference", editLink: false } }
      : undefined,
  vite: {
    // The index of the search, which only a search loads.
    build: { chunkSizeWarningLimit: 1000 },
    publicDir: fileURLToPath(new URL("../public", import.meta.url)),
    plugins: [vueOfSite, oneSearchIndex],
  },
});
