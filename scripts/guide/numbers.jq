# Numbers of 8 bytes, the highest first, as frames. A frame is text where its bytes are UTF-8, else hex.
def bytes: reduce range(16) as $_ ({n: ., s: ""};
    .s = "0123456789abcdef"[.n % 16:.n % 16 + 1] + .s | .n = (.n / 16 | floor)) | {hex: .s};
def number: if type == "object"
    then reduce (.hex | explode[]) as $c (0; . * 16 + ($c | if . > 96 then . - 87 else . - 48 end))
    else reduce (@base64[:11] | explode[]) as $c (0; . * 64 + ($c | if . > 96 then . - 71 elif . > 64 then . - 65
        elif . > 47 then . + 4 elif . == 43 then 62 else 63 end)) / 4 end;
