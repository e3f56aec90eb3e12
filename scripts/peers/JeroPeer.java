import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.zeromq.ZMQ;

/**
 * A socket of JeroMQ with the command line and the lines of peer.py: as many of its flags as the tests of the
 * library use. Version 0.3.6 speaks ZMTP 2.0. Like peer.py it opens an XPUB for pub, and waits for a subscriber.
 */
public class JeroPeer {
    public static void main(String[] args) throws Exception {
        String type = args[0], endpointFile = null;
        List<String> bind = new ArrayList<>(), connect = new ArrayList<>();
        byte[] identity = null;
        for (int i = 1; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
            case "--bind": bind.add(value); break;
            case "--connect": connect.add(value); break;
            case "--identity": identity = value.getBytes(StandardCharsets.UTF_8); break;
            case "--endpoint-file": endpointFile = value; break;
            case "--linger": case "--timeout": case "-o": break;
            default: throw new IllegalArgumentException(args[i]);
            }
        }
        ZMQ.Socket socket = ZMQ.context(1).socket(number(type));
        socket.setLinger(5000);
        if (identity != null) {
            socket.setIdentity(identity);
        }
        if (type.equals("sub")) {
            socket.subscribe(new byte[0]);
        }
        if (type.equals("pub")) {
            socket.setXpubVerbose(true);
        }
        StringBuilder bound = new StringBuilder();
        for (String endpoint : bind) {
            bound.append("tcp://127.0.0.1:").append(socket.bindToRandomPort("tcp://127.0.0.1")).append('\n');
        }
        for (String endpoint : connect) {
            socket.connect(endpoint);
        }
        if (endpointFile != null) {
            Path part = Paths.get(endpointFile + ".part");
            Files.write(part, bound.toString().getBytes(StandardCharsets.UTF_8));
            Files.move(part, Paths.get(endpointFile), StandardCopyOption.ATOMIC_MOVE);
        }
        new JeroPeer(type, socket).run();
    }

    static int number(String type) throws ReflectiveOperationException {
        String name = type.equals("pub") ? "XPUB" : type.toUpperCase(Locale.ROOT);
        return ZMQ.class.getField(name).getInt(null);
    }

    private final String type;
    private final ZMQ.Socket socket;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Deque<List<byte[]>> pending = new ArrayDeque<>();
    private boolean turn; // req and rep: a message is owed to the other side
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    JeroPeer(String type, ZMQ.Socket socket) {
        this.type = type;
        this.socket = socket;
        this.turn = type.equals("req");
        Thread reader = new Thread(() -> {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line; (line = in.readLine()) != null;) {
                    lines.add(line);
                }
            } catch (java.io.IOException e) {
                e.printStackTrace();
            }
            System.exit(0); // whoever started it has gone
        });
        reader.setDaemon(true);
        reader.start();
    }

    void run() throws InterruptedException {
        boolean sends = !type.equals("pull") && !type.equals("sub");
        boolean receives = !type.equals("push");
        boolean turns = type.equals("req") || type.equals("rep");
        boolean heard = !type.equals("pub"); // a subscription
        ZMQ.Poller poller = new ZMQ.Poller(1);
        poller.register(socket, ZMQ.Poller.POLLIN);
        while (true) {
            poller.poll(1);
            for (String line; (line = lines.poll()) != null;) {
                pending.add(new Line(line).message());
            }
            if (receives && (!turns || !turn)) {
                List<byte[]> m = receive();
                if (m != null) {
                    turn = true;
                    heard = true;
                    if (!type.equals("pub")) {
                        out.println(show(m));
                    }
                }
            }
            if (sends && heard && !pending.isEmpty() && (!turns || turn) && send(pending.peek())) {
                pending.remove();
                turn = false;
            }
        }
    }

    List<byte[]> receive() {
        byte[] first = socket.recv(ZMQ.DONTWAIT);
        if (first == null) {
            return null;
        }
        List<byte[]> m = new ArrayList<>();
        m.add(first);
        while (socket.hasReceiveMore()) {
            m.add(socket.recv(0));
        }
        return m;
    }

    boolean send(List<byte[]> m) {
        for (int i = 0; i < m.size(); i++) {
            int more = i + 1 < m.size() ? ZMQ.SNDMORE : 0;
            if (!socket.send(m.get(i), i == 0 ? more | ZMQ.DONTWAIT : more)) {
                return false; // there was no room for the first one
            }
        }
        return true;
    }

    static String show(List<byte[]> m) {
        StringBuilder b = new StringBuilder("[");
        for (byte[] frame : m) {
            b.append(b.length() > 1 ? "," : "");
            try {
                quote(b, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString());
            } catch (CharacterCodingException e) {
                b.append("{\"hex\":\"");
                for (byte octet : frame) {
                    b.append(String.format("%02x", octet));
                }
                b.append("\"}");
            }
        }
        return b.append("]").toString();
    }

    static void quote(StringBuilder b, String text) {
        b.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ') {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        b.append('"');
    }

    /** A message in JSON: an array of strings and of objects with hex. */
    static class Line {
        private final String text;
        private int at;

        Line(String text) {
            this.text = text;
        }

        List<byte[]> message() {
            List<byte[]> m = new ArrayList<>();
            for (at = 1; text.charAt(at) != ']';) {
                if (text.charAt(at) == ',') {
                    at++;
                }
                if (text.charAt(at) == '{') {
                    at++;
                    string(); // hex
                    at++;
                    String hex = string();
                    at++;
                    byte[] frame = new byte[hex.length() / 2];
                    for (int i = 0; i < frame.length; i++) {
                        frame[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
                    }
                    m.add(frame);
                } else {
                    m.add(string().getBytes(StandardCharsets.UTF_8));
                }
            }
            return m;
        }

        String string() {
            StringBuilder b = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c != '\\') {
                    b.append(c);
                    continue;
                }
                c = text.charAt(++at);
                if (c == 'u') {
                    b.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    b.append("nrtbf".indexOf(c) < 0 ? c : "\n\r\t\b\f".charAt("nrtbf".indexOf(c)));
                }
            }
            at++;
            return b.toString();
        }
    }
}
