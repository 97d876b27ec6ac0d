// SPDX-License-Identifier: Apache-2.0
// What the portal says when it does not do something, by its own sentence: [Japanese, the same in plain words].
// %d and %s stand for what is in the sentence, in the same order.
export const refusals: Readonly<Record<string, readonly [string, string]>> = {
  "nobody acts for another here": ["このページでは代理の操作はできません。", "ここでは、ほかの人のかわりはできません。"],
  "this is for people who have logged in": ["ログインした人だけが使えます。", "カードで入った人だけが使えます。"],
  "the register does not know whose login this is":
    ["このログインの人が、住民の台帳で確かめられません。", "だれのカードか、役所の記録でわかりませんでした。"],
  "the register does not say whose login this is":
    ["住民の台帳が、いま応答していません。", "役所の機械が、いま返事をしません。"],
  "this browser has not set out from here":
    ["このブラウザーで始めたログインではありません。", "このブラウザーで始めていません。はじめからやり直してください。"],
  "this browser has set out for another login":
    ["このブラウザーで、別のログインが始まっています。", "別のログインが始まっています。はじめからやり直してください。"],
  "the provider of logins does not answer": ["認証アプリが応答していません。", "カードをたしかめるアプリが、返事をしません。"],
  "there is no such session": ["その端末のログインは、もう終わっています。", "もう終わっています。"],
  "the register cannot say whether somebody has an account":
    ["住民の台帳に、いま問い合わせできません。", "役所の機械に、いま聞けません。"],
  "the register knows somebody else by this login":
    ["このログインは、別の人のものとして記録されています。", "このログインは、別の人のものになっています。"],
  "the register knows this person by another account":
    ["この人は、別のアカウントで記録されています。", "あなたは、別のアカウントでおぼえられています。"],
  "this session is over; log in again": ["ログインの期限が過ぎました。もう一度ログインしてください。",
    "時間がたったので終わりました。もう一度カードで入ってください。"],
  "log in, or show the ticket that you got when you began":
    ["ログインするか、申請を始めたタブから開いてください。", "カードで入るか、書きはじめたページから開いてください。"],
  "an application that is %s is not to be submitted": ["この申請は、いまは提出できません。", "いまは出せません。"],
  "the application is not complete: %s (%s)": ["申請に、足りないところがあります。", "まだ書いていないところがあります。"],
  "this application cannot be changed now": ["この申請は、いまは変更できません。", "いまは直せません。"],
  "the form does not ask for such an attachment": ["この手続では、そのファイルは要りません。", "そのファイルは、いりません。"],
  "this attachment may not be of that kind of file": ["この種類のファイルは付けられません。", "この種類のファイルは、付けられません。"],
  "there are as many attachments of that kind as may be":
    ["付けられるファイルの数の上限に達しています。", "もう、ファイルをふやせません。"],
  "there is no such attachment": ["そのファイルは、もうありません。", "そのファイルは、もうありません。"],
  "this portal has nothing signed by cards": ["このポータルでは、カードで署名できません。", "ここでは、カードでサインできません。"],
  "the authentication app does not answer; try again later":
    ["認証アプリが応答していません。", "カードをたしかめるアプリが、返事をしません。"],
  "you had %d applications signed, or began to; try again in an hour":
    ["署名の回数が上限の%d回に達しました。1時間ほど待ってください。", "サインは%d回までです。1時間くらい待ってください。"],
  "the authentication app does not say where to sign":
    ["認証アプリが、署名の場所を答えません。", "カードをたしかめるアプリが、うまく動いていません。"],
  "nothing of this application is to be signed now":
    ["この申請で、いま署名するものはありません。", "いま、サインするものはありません。"],
  "the authentication app does not say how far it is":
    ["認証アプリが、署名の進み具合を答えません。", "カードをたしかめるアプリが、うまく動いていません。"],
  "have the document prepared before you sign it": ["署名する前に、内容を確かめてください。", "サインの前に、書いたことを見てください。"],
  "this document bears an individual number, which is not taken here; the front of a card is enough":
    ["この書類にはマイナンバー（個人番号）が書かれているため、受け取れません。カードは表面だけで足ります。",
      "マイナンバーが書いてあるので、受けとれません。カードは表だけでいいです。"],
  "there is no such kind of document": ["その種類の書類はありません。", "その種類の書類は、ありません。"],
  "too many people are filling in forms without a login; try again later":
    ["ログインしないで申請を書いている人が多いため、いまは始められません。", "いま、こんでいます。カードで入るか、あとでやり直してください。"],
  "there are %d drafts already; submit or withdraw one":
    ["作成中の申請が%d件あります。どれかを提出するか、取り下げてください。", "書いている途中のものが%d件あります。どれかを出すか、やめてください。"],
  "%d were begun and withdrawn; try again in a few days, or submit a draft":
    ["始めて取り下げた申請が%d件あります。数日待つか、作成中のものを提出してください。", "始めてやめたものが%d件あります。何日か待ってください。"],
  "too many people attach files without a login; log in, or try again tomorrow":
    ["ログインしないで付けられるファイルが上限に達しています。ログインするか、明日あらためてください。",
      "いまはファイルを付けられません。カードで入るか、明日やり直してください。"],
  "the name of a file is 1 to %d plain characters, no path":
    ["ファイルの名前は、特別な記号のない%d文字以内にしてください。", "ファイルの名前を、記号のない%d文字までにしてください。"],
  "signed applications are not taken here": ["このポータルでは、署名の要る申請を受け付けていません。", "ここでは、サインがいるものは出せません。"],
  "whether the signature counts cannot be said now; try again later":
    ["署名が有効かどうかを、いま確かめられません。", "サインをたしかめることが、いまできません。"],
  "the platform has no key to encrypt to": ["署名を確かめる仕組みが、いま使えません。", "サインをたしかめることが、いまできません。"],
  "log in once more, so that the portal knows who signs":
    ["だれの署名か確かめるため、もう一度ログインしてください。", "もう一度カードで入ってください。"],
  "the platform did not say whose signature it is": ["だれの署名か、いま確かめられません。", "だれのサインか、いまわかりません。"],
  "this is the signature of somebody else than who has logged in":
    ["ログインした人とは別の人の署名です。", "ほかの人のカードのサインです。自分のカードを使ってください。"],
  "the signature does not count: the certificate has ended, or is not one for signatures":
    ["署名が有効ではありません。証明書の期限が切れているか、署名用の証明書ではありません。",
      "このカードではサインできません。カードの期限が切れているかもしれません。役所の窓口に聞いてください。"],
  "this application was not submitted yet": ["この申請は、まだ提出されていません。", "まだ出していません。"],
  "log in to apply for this": ["この申請には、ログインが必要です。", "先に、カードで入ってください。"],
  "document: missing; it says what the file shows": ["何の書類かを選んでください。", "何の書類か、えらんでください。"],
  "this is no PDF, JPEG or PNG": ["PDF、JPEG、PNGのどれでもないファイルです。", "PDFか写真（JPEG、PNG）のファイルにしてください。"],
  "this is not signed yet, or nobody wanted to sign it":
    ["まだ署名されていないか、署名が取りやめになりました。", "まだサインしていません。"],
  "the certificate is encrypted to another key; sign again":
    ["署名をもう一度やり直してください。", "もう一度サインしてください。"],
  "this application was not signed": ["この申請は、署名されていません。", "サインしていません。"],
  "there is no such application": ["その申請はありません。", "見つかりません。"],
  "an application that is %s cannot become %s": ["申請の状態が変わっていたため、できませんでした。", "ほかで変わったので、できませんでした。"],
  "this can be applied for in its period only": ["申請できる期間ではありません。", "いまは申しこめる時期ではありません。"],
  "this cannot be applied for here": ["この手続は、ここでは申請できません。", "ここでは申しこめません。役所に行ってください。"],
  "this application was changed or submitted meanwhile":
    ["この申請は、その間に変更されたか、提出されています。", "ほかのページで直したか、もう出しています。"],
  "this application was not submitted": ["この申請は、提出されていません。", "まだ出していません。"],
  "a card was read for this form already": ["この申請では、もうカードを読み取りました。", "もうカードを読みました。"],
  "no card is to be read for this application": ["この申請では、カードの読み取りは待っていません。", "いまは、カードを読みません。"],
  "nothing that is asked here is on a card": ["この申請には、カードから読み取れるものがありません。", "カードから入るものは、ありません。"],
  "a proxy's card says nothing of the applicant":
    ["代理人のカードからは、申請者のことを読み取れません。", "あなたのカードでは、ほかの人のことはわかりません。"],
  "this service is not allowed to ask":
    ["このサービスは、いま利用を止められています。", "このサービスは、いま使えません。"],
  "there is no mandate with this code": ["このコードの代理はありません。", "その文字は、ちがいます。"],
  "until: at most %d days from now": ["期限は、今日から%d日以内にしてください。", "期限は、今日から%d日までです。"],
  "the mandate is over": ["この操作の代理は終わりました。", "たのまれたことは、もう終わりました。"],
  "you have no mandate for this, or it is over": ["この操作の代理を任されていないか、終わっています。", "このことは、たのまれていません。"],
  "a mandate ends in the future": ["期限は、先の日にしてください。", "期限は、今日より後の日です。"],
  "nobody acts for himself by a mandate": ["自分の代理人にはなれません。", "自分のかわりには、なれません。"],
  "there are %d mandates already; end one first": ["代理が%d件あります。先にどれかを終了してください。", "もう%d件あります。先に、どれかをやめてください。"],
  "this is your own code: it is for the other person":
    ["これは自分で作ったコードです。代理人になる人に伝えてください。", "これは、たのむ人に教える文字です。"],
  "there is no such mandate": ["その代理はありません。", "見つかりません。"],
  "the municipality recorded this one, and ends it":
    ["この代理は市区町村が登録したもので、市区町村で終了します。", "役所が決めたものなので、役所でやめます。"],
  "there is no such notice": ["そのお知らせはありません。", "見つかりません。"],
  "there is no such sender": ["その送信者はありません。", "見つかりません。"],
  "there is no such municipality here": ["その市区町村は、ここにはありません。", "その町は、ここにはありません。"],
  "subscriptions: one of them is there twice": ["同じものが二つ選ばれています。", "同じものが2つあります。"],
  "subscriptions: at most %d": ["選べるのは%d件までです。", "えらべるのは%d件までです。"],
  "at most %d codes are sent in a day; try again tomorrow":
    ["確認番号を送れるのは1日に%d回までです。明日あらためてください。", "1日に%d回までです。明日やり直してください。"],
  "there is no mail address that is to be proved": ["確認を待っているメールアドレスはありません。", "先に、メールアドレスを書いてください。"],
  "this is another code than the one that was sent": ["送った番号とちがいます。", "番号がちがいます。"],
  "the code does not count any more; ask for another one":
    ["この番号は、もう使えません。もう一度送ってもらってください。", "この番号は使えません。もう一度おしてください。"],
  "consent: an address is kept only if its owner agrees":
    ["アドレスの保存に同意してください。", "「おぼえてよい」に、しるしをつけてください。"],
  "this portal sends no mails": ["このポータルはメールを送りません。", "ここからメールは出ません。"],
  "there is no mail address": ["メールアドレスは登録されていません。", "メールアドレスは、ありません。"],
  "this portal has no exchange": ["このポータルは、情報連携につながっていません。", "ここからは、ほかの役所に聞けません。"],
  "the register did not say whose login this is; log in again":
    ["だれのログインか確かめるため、もう一度ログインしてください。", "もう一度カードで入ってください。"],
  "there is no information of this name": ["その名前の情報はありません。", "見つかりません。"],
  "%s is asked for twice": ["同じ情報が二つ選ばれています。", "同じものが2つあります。"],
  "a request is for 1 to %d names": ["一度に取り寄せられるのは1件から%d件までです。", "一度に%d件までです。"],
  "a year is %d to %d": ["年は%dから%dまでの数で書いてください。", "年は%dから%dまでです。"],
  "this portal has no register to ask": ["このポータルは、住民の台帳につながっていません。", "ここからは、役所の記録に聞けません。"],
  "this login is not enough for that; log in again":
    ["この操作には、もう一度ログインが必要です。", "もう一度カードで入ってください。"],
  "the register no longer takes this login; log in again":
    ["ログインから時間がたちました。もう一度ログインしてください。", "時間がたちました。もう一度カードで入ってください。"],
  "there is no such request": ["その依頼はありません。", "見つかりません。"],
  "there is no such record of the exchange": ["その記録はありません。", "見つかりません。"],
  "there is no such site": ["そのサイトはありません。", "そのサイトは、ありません。"],
  "you have not linked this site": ["このサイトとは連携していません。", "そのサイトは、つないでいません。"],
  "you have %d consents already; withdraw one first":
    ["同意が%d件あります。先にどれかを取り消してください。", "「教えてもよい」が%d件あります。先に、どれかをやめてください。"],
  "there is no such consent that is not over": ["有効な同意は、もうありません。", "もう終わっています。"],
  "nobody consents to this for another": ["代理人は、この同意をすることができません。", "ほかの人のかわりに「よい」と言うことは、できません。"],
  "there is no such consent": ["その同意はありません。", "見つかりません。"],
  "this consent does not hold any more": ["この同意は、もう終わっています。", "もう終わっています。"],
  "there is no such procedure": ["その手続はありません。", "見つかりません。"],
  "a word to search for has no letter, digit, kana or kanji":
    ["さがす言葉に、文字がありません。", "さがす言葉を書いてください。"],
  "at most %d words are searched for": ["さがす言葉は%d個までです。", "言葉は%d個までです。"],
  "a word has at most %d characters": ["さがす言葉は、一つ%d文字までです。", "言葉は、1つ%d文字までです。"],
  "too many procedures have that: name a municipality, or further words":
    ["見つかるものが多すぎます。市区町村か、ほかの言葉を加えてください。", "多すぎます。町をえらぶか、言葉をふやしてください。"],
};
