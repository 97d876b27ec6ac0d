// SPDX-License-Identifier: Apache-2.0
// What is around all pages: [Japanese, English].
export const frameWords = {
  "app.name": ["ポータル", "Portal"],
  "nav.start": ["はじめに", "Start"],
  "nav.procedures": ["手続をさがす", "Find a procedure"],
  "nav.applications": ["わたしの申請", "My applications"],
  "nav.information": ["わたしの情報", "My information"],
  "nav.history": ["やりとりの記録", "Exchange log"],
  "nav.linkage": ["外部サイトとの連携", "Linked sites"],
  "nav.mandates": ["代理人", "Acting for others"],
  "nav.sessions": ["ログイン中の端末", "My sessions"],
  "page.absent": ["このページはありません", "There is no such page"],
  "page.absent_text": ["メニューから選んでください。", "Choose one of the menu."],
  "plain.switch": ["やさしい言葉", "Plain words"],
} as const;
