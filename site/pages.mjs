// The pages of the site, in the order of the sidebar.
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { ROOT } from "./repository.mjs";

/** Each group has its title in English and Chinese, and its pages: the file, and both titles. */
const GROUPS = [
  {
    en: "Start",
    zh: "入门",
    pages: [
      ["README.md", "Overview", "概览"],
      ["docs/get-started.md", "Get started", "快速开始"],
      ["docs/how-it-works.md", "How it works", "工作原理"],
    ],
  },
  {
    en: "Tasks",
    zh: "操作指南",
    pages: [
      ["docs/instances.md", "Instances", "实例"],
      ["docs/backups.md", "Backups", "备份"],
      ["docs/restore.md", "Restore a backup", "恢复备份"],
      ["docs/take-over.md", "Take over what exists", "接管已有资源"],
      ["docs/functions.md", "Read data: functions", "数据查询函数"],
      ["docs/catalogue.md", "Typed catalogue", "规格目录"],
      ["docs/configuration.md", "Accounts and configuration", "账号与配置"],
      ["docs/commands.md", "Commands", "命令行工具"],
    ],
  },
  {
    en: "Languages",
    zh: "编程语言",
    pages: [
      ["docs/languages.md", "Choose a language", "选择语言"],
      ["docs/yaml.md", "YAML", "YAML"],
      ["docs/python.md", "Python", "Python"],
      ["docs/go.md", "Go", "Go"],
      ["docs/plugin.md", "The plugin", "插件"],
      ["docs/moving.md", "Move between the forms", "在两种形式之间迁移"],
    ],
  },
  {
    en: "Tests",
    zh: "测试",
    pages: [
      ["docs/unit-tests.md", "Unit tests", "单元测试"],
      ["docs/emulator.md", "The emulator", "模拟器"],
    ],
  },
  {
    en: "When something fails",
    zh: "故障处理",
    pages: [
      ["docs/troubleshooting.md", "Troubleshooting", "故障排查"],
      ["docs/reliability.md", "Reliability", "可靠性"],
    ],
  },
  {
    en: "Versions and figures",
    zh: "版本与性能",
    pages: [
      ["docs/compatibility.md", "Compatibility", "兼容性"],
      ["docs/upgrade.md", "Upgrade", "升级"],
      ["docs/performance.md", "Performance", "性能"],
      ["CHANGELOG.md", "Changelog", "更新日志"],
    ],
  },
  {
    en: "For developers",
    zh: "开发者",
    pages: [
      ["docs/dynamic-providers.md", "How to write a dynamic provider", "如何编写 dynamic provider"],
      ["CONTRIBUTING.md", "Contributing", "参与开发"],
      ["docs/releasing.md", "Releasing", "发布流程"],
      ["SECURITY.md", "Security", "安全"],
    ],
  },
];

const CHINESE_START = "README.zh-CN.md";
/** The folder in which TypeDoc writes the reference. */
export const REFERENCE = "site/api/";

/** The start page in Chinese exists. */
export const hasChinese = exists(CHINESE_START);

/** The page that a Markdown file becomes, such as `yaml.md` of `docs/yaml.md`. */
export function pageOf(file) {
  if (file === "README.md") return "index.md";
  if (file === CHINESE_START) return "zh/index.md";
  if (file.startsWith(REFERENCE)) return file.slice("site/".length);
  return file.toLowerCase().replace(/^docs\//, "");
}

/** The Markdown file is a page of the site. */
export function isPage(file) {
  return file === CHINESE_START || file.startsWith(REFERENCE) || listed().includes(file);
}

/** The link of a page, such as `/yaml` of `docs/yaml.md`. */
export function linkOf(file) {
  return `/${pageOf(file)}`.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "");
}

/** The sidebars of a language: of the pages, and of the reference, which TypeDoc wrote. */
export function sidebar(language) {
  const groups = GROUPS.map(({ pages, ...titles }) => ({
    text: titles[language],
    items: pages.filter(([file]) => exists(file)).map((page) => item(page, language)),
  }));
  const modules = JSON.parse(readFileSync(`${ROOT}/${REFERENCE}typedoc-sidebar.json`, "utf8"));
  return {
    "/api/": [groups[0], ...modules.map((module) => ({ ...module, collapsed: false }))],
    "/": groups.filter(({ items }) => items.length > 0),
  };
}

/** Fails when a page of docs/ is not in the sidebar: nobody would find it. */
export function checkAllListed() {
  const files = readdirSync(`${ROOT}/docs`).filter((name) => name.endsWith(".md"));
  const missing = files.map((name) => `docs/${name}`).filter((file) => !listed().includes(file));
  if (missing.length > 0)
    throw new Error(`site/pages.mjs has no line for ${missing.join(", ")}. Add it to a group.`);
}

function listed() {
  return GROUPS.flatMap(({ pages }) => pages.map(([file]) => file));
}

function item([file, en, zh], language) {
  const text = language === "zh" ? zh : en;
  const isStart = file === "README.md" && language === "zh" && hasChinese;
  return { text, link: linkOf(isStart ? CHINESE_START : file) };
}

function exists(file) {
  return existsSync(`${ROOT}/${file}`);
}
