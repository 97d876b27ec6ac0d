// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { Frame } from "./frame";

export interface Column<R> {
  name: string;
  of: (row: R) => ComponentChildren;
  number?: boolean;
}

/**
 * Where there is no room for it each row is a block, and each cell says what it is. The roles keep it a table for whoever
 * does not see it, whatever the sheet does.
 */
export function Table<R>(props: {
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  id: (row: R) => string;
  empty: string;
}) {
  if (props.rows.length === 0) return <p class="empty">{props.empty}</p>;
  return (
    <Frame name={props.caption} stacks>
      <table role="table" class="rows">
        <caption class="hidden">{props.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">{props.columns.map((column) => (
            <th key={column.name} role="columnheader" scope="col" class={column.number ? "number" : undefined}>{column.name}</th>
          ))}</tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => (
            <tr key={props.id(row)} role="row">{props.columns.map((column) => (
              <td key={column.name} role="cell" data-name={column.name} class={column.number ? "number" : undefined}>{column.of(row)}</td>
            ))}</tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}
