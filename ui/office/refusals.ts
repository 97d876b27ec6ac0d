// SPDX-License-Identifier: Apache-2.0
// What the portal says to a municipality's desk when it does not do something, by its own sentence, in Japanese.
import type { Refusals } from "../shared/refusing";

export const refusals: Refusals = {
  "somebody saved another version meanwhile; read it first": ["その間に別の版が保存されました。先にそれを読んでください。"],
  "a municipality has drafts of %d texts at most": ["下書きは、一つの市区町村で%d件までです。"],
  "there is no such draft": ["その下書きはありません。"],
  "this is not for the role %s": ["あなたの役割では、この操作はできません。"],
  "at most %d people work for a municipality; dismiss one": ["一つの市区町村の担当者は%d人までです。先に誰かを外してください。"],
  "this account works for another municipality": ["このアカウントは、別の市区町村の担当者です。"],
  "this account has this role already": ["このアカウントには、その役割がすでにあります。"],
  "this invitation does not count, or does not any more": ["この招待は無効か、期限が過ぎています。"],
  "nobody of that id works there": ["その担当者はいません。"],
  "this is for the role %s of a municipality": ["この操作には、市区町村での別の役割が必要です。"],
  "nobody had logged in": ["申請者はログインせずに申請しました。"],
  "take the application first: it is not being worked on": ["先にこの申請を受け付けてください。まだ処理が始まっていません。"],
  "no body is asked for an application of this kind": ["この種類の申請では、ほかの機関に照会しません。"],
  "other bodies cannot know who applied: there was no login":
    ["ログインせずに申請されたため、ほかの機関は申請者を確かめられません。"],
  "this is being asked for another application of the person": ["同じ人の別の申請のために、いま照会しています。"],
  "the body does not know who applied; it was not told when the application was submitted":
    ["申請が提出されたときに知らされていないため、その機関は申請者を確かめられません。"],
  "this person is asked about too often now; try again later": ["この人についての照会が多すぎます。時間をおいてください。"],
  "this portal has no registers of bodies": ["このポータルには、機関の台帳がありません。"],
  "%s: the exchange knows nobody by this code": ["この住民票コードの人は、情報連携では見つかりません。"],
  "nobody of this name and birthday lives here": ["この氏名と生年月日の住民は見つかりません。"],
  "there is no such text": ["その文章はありません。"],
  "a municipality offers at most %d procedures": ["一つの市区町村が案内できる手続は%d件までです。"],
  "this municipality has no such procedure": ["この市区町村には、その手続はありません。"],
};
