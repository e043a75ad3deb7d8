// java Loop.java ADDRESS HOW TIMES: a URL each time (url), one HttpClient (client), a new one each time (new), a Socket each time (socket).
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

public class Loop {
  static void ask(HttpClient client, URI uri) throws IOException, InterruptedException {
    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
  }

  public static void main(String[] args) throws Exception {
    var uri = URI.create("http://" + args[0] + ":9000/");
    var client = HttpClient.newHttpClient();
    int times = Integer.parseInt(args[2]), done = 0;
    String failure = "";
    for (int i = 0; i < times; i++) {
      try {
        switch (args[1]) {
          case "url" -> { try (var in = uri.toURL().openStream()) { in.readAllBytes(); } }
          case "client" -> ask(client, uri);
          case "new" -> ask(HttpClient.newHttpClient(), uri);
          case "socket" -> {
            try (var socket = new Socket(args[0], 9000)) {
              socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
              socket.getInputStream().read(new byte[4096]);
            }
          }
          default -> throw new IllegalArgumentException(args[1]);
        }
        done++;
      } catch (IOException error) {
        failure = "; " + error;
      }
    }
    System.out.println(done + " of " + times + " done" + failure);
    System.exit(done < times ? 1 : 0);
  }
}
