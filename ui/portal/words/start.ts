// SPDX-License-Identifier: Apache-2.0
// The first page: [Japanese, English].
export const startWords = {
  "start.lead": ["試験用の市民ポータルです。登場する人・市区町村の情報はすべて架空で、実在の行政機関とはつながっていません。",
    "This is a portal for citizens, for tests. All that it knows about people is invented; it is connected to no authority."],
  "start.what": ["できること", "What you can do"],
  "start.inside": ["ログインしています", "You are logged in"],
  "start.since": ["はじめてのログイン: ", "First login: "],
  "start.login_text": ["試験用のマイナンバーカードの利用者証明用電子証明書でログインします。",
    "You log in with the auth certificate of a test card."],
  "start.login_go": ["ボタンを押すと、認証アプリのページに移ります。", "The button leads to the page of the authentication app."],
  "start.login_card": ["そこに表示される方法で、カードと4桁の暗証番号を使います。",
    "There you use the card and its PIN of four digits, as the page says."],
  "start.login_back": ["確認が済むと、ここに戻ります。", "You come back when it is done."],
  "start.login_kept": ["氏名・住所・生年月日・性別は、ポータルには保存されません。",
    "The portal keeps neither name, address, date of birth nor sex."],

  "start_about.procedures": ["市区町村の手続を、言葉や、くらしの出来事からさがします。ログインは要りません。",
    "Search the procedures of municipalities by words or by what happens in life. No login needed."],
  "start_about.applications": ["出した申請の受付番号と、いまの状況を確かめます。", "See the receipt numbers of what you applied for, and how far it is."],
  "start_about.notices": ["申請の状況が変わったときなどに届きます。", "They come when an application has moved on, among others."],
  "start_about.information": ["市区町村などが持っている、あなたの情報を取り寄せて見ます。",
    "Ask municipalities and others what they hold about you."],
  "start_about.history": ["あなたの情報を、だれが、いつ、何のためにやりとりしたかを確かめます。",
    "See who exchanged something about you, when and what for."],
  "start_about.sessions": ["ログイン中の端末を確かめ、ログインを終わらせます。", "See where you are logged in, and end it."],
} as const;
