// The search, which runs in the reader's browser.

/**
 * The words of a text. Chinese has no spaces between words, so the browser's dictionary finds them.
 * VitePress sends this function to the browser as text: it uses nothing from outside.
 */
function tokenize(text) {
  const words = text.split(/[\n\r\p{Z}\p{P}\p{S}]+/u);
  const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
  return words.flatMap((word) =>
    /\p{Script=Han}/u.test(word)
      ? Array.from(segmenter.segment(word), ({ segment }) => segment)
      : word,
  );
}

const CHINESE = {
  button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
  modal: {
    displayDetails: "显示详细列表",
    resetButtonTitle: "清除",
    backButtonTitle: "关闭",
    noResultsText: "没有结果：",
    footer: { selectText: "选择", navigateText: "切换", closeText: "关闭" },
  },
};

export const search = {
  provider: "local",
  options: {
    locales: { zh: { translations: CHINESE } },
    miniSearch: {
      options: { tokenize },
      // A page that explains a word comes before the reference.
      searchOptions: { boostDocument: (id) => (id.includes("/api/") ? 0.1 : 1) },
    },
  },
};

/**
 * A plugin for Vite: one index for both languages. VitePress has one for each, and most pages would
 * not be found from the Chinese start page.
 */
export const oneSearchIndex = {
  name: "one-search-index",
  transform(code, id) {
    if (id !== "/@localSearchIndex") return undefined;
    const indexes = code.replace("{", '{"zh": () => import("@localSearchIndexroot"),');
    return { code: indexes, map: null };
  },
};
