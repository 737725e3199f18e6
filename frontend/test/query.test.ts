// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { boundsOf, boundsText, fromSearch, toQuery, withQuery } from "../src/query";

test("a query is read and written as the list has it", () => {
  const asked = fromSearch("?until=2025-04-21&since=2025-04-20&kind=artillery&other=x");
  expect(asked).toEqual({ since: "2025-04-20", until: "2025-04-21", kind: "artillery", status: "", bounds: "" });
  expect(toQuery(asked)).toBe("since=2025-04-20&until=2025-04-21&kind=artillery");
  expect(toQuery(asked, ["since", "until"])).toBe("kind=artillery");
});

test("nothing asked is an address without a question mark", () => {
  expect(withQuery("/incidents", toQuery(fromSearch("")))).toBe("/incidents");
  expect(withQuery("/incidents", "a=b")).toBe("/incidents?a=b");
});

test("bounds go there and back", () => {
  expect(boundsText([36.12346, 47, 38.5, 49.99999])).toBe("36.1235,47.0000,38.5000,50.0000");
  expect(boundsOf("36.1235,47.0000,38.5000,50.0000")).toEqual([36.1235, 47, 38.5, 50]);
});

test("bounds stay on the Earth", () => {
  expect(boundsText([-200, -95, 200, 95])).toBe("-180.0000,-90.0000,180.0000,90.0000");
});

test.each(["", "1,2,3", "1,2,3,x", "5,0,4,1", "0,0,181,1", "1,2,3,4,5"])("%s are no bounds", (text) => {
  expect(boundsOf(text)).toBeNull();
});
