// Files to try the app with: real ones of the package vega-datasets, and broken ones of the command line tool. They are copied
// into the build and fetched on demand, so that they arrive as bytes like any upload.
import birdstrikes from "vega-datasets/data/birdstrikes.csv?url"
import seattleWeather from "vega-datasets/data/seattle-weather.csv?url"
import stocks from "vega-datasets/data/stocks.csv?url"
import empty from "../../../data-tools/broken/empty.csv?url"
import headerOnly from "../../../data-tools/broken/header-only.csv?url"
import raggedQuotes from "../../../data-tools/broken/ragged-quotes.csv?url"

export interface Sample {
  readonly title: string
  readonly note: string
  readonly files: readonly { readonly filename: string; readonly url: string }[]
}

export const samples: readonly Sample[] = [
  {
    title: "Seattle weather",
    note: "1,461 days, clean",
    files: [{ filename: "seattle-weather.csv", url: seattleWeather }]
  },
  { title: "Stock prices", note: "560 months, clean", files: [{ filename: "stocks.csv", url: stocks }] },
  {
    title: "Bird strikes",
    note: "10,000 reports, incomplete",
    files: [{ filename: "birdstrikes.csv", url: birdstrikes }]
  },
  {
    title: "Three broken files",
    note: "To see how errors look",
    files: [
      { filename: "empty.csv", url: empty },
      { filename: "header-only.csv", url: headerOnly },
      { filename: "ragged-quotes.csv", url: raggedQuotes }
    ]
  }
]

/** @throws Error when the server does not have one of the files. */
export const fetchSample = ({ files }: Sample): Promise<readonly File[]> =>
  Promise.all(
    files.map(async ({ filename, url }) => {
      const response = await fetch(url)
      if (!response.ok)
        throw new Error(`Cannot fetch the sample ${filename}: the answer is ${response.status}`)
      return new File([await response.blob()], filename, { type: "text/csv" })
    })
  )
