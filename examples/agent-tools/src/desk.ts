// One user's desk: a client that is connected to the server in memory, as a user whom the connection knows, with an answer to what tools
// ask. An HTTP server would have the user from its own authentication in the same place.
import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
import type { McpServer } from "@modelcontextprotocol/server"

type Answer = "accept" | "decline"

export const openDesk = async (server: McpServer, user: string, answer: Answer): Promise<Client> => {
  const client = new Client(
    { name: "desk", version: "1.0.0" },
    { capabilities: { elicitation: { form: {} } } }
  )
  client.setRequestHandler("elicitation/create", async () =>
    answer === "accept" ? { action: answer, content: {} } : { action: answer }
  )
  const [near, far] = InMemoryTransport.createLinkedPair()
  const send = near.send.bind(near)
  const authInfo = { token: `token of ${user}`, clientId: "desk-app", scopes: [], extra: { user } }
  near.send = (message) => send(message, { authInfo })
  await Promise.all([server.connect(far), client.connect(near)])
  return client
}
